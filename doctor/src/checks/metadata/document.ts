import { isDenial } from '../../answers.ts';
import type { Answer } from '../../exchange.ts';
import { documentOf } from '../../issuer.ts';
import type { Probe } from '../../probe.ts';
import { Inconclusive, inconclusive, notApplicable } from '../../verdict.ts';
import { challengeOf } from './challenge-of.ts';

export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

interface Found {
  readonly path: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The first refusal of a request without a token. */
export function refusalOf({ known }: Probe): Answer {
  const answers = known.eras.flatMap(({ bare, bareHello }) => [bare, bareHello]);
  return answers.find(isDenial) ?? known.bare;
}

/** The metadata address in the challenge, if it is on this server. */
export function addressOf(probe: Probe): URL | undefined {
  const url = URL.parse(challengeOf(refusalOf(probe))?.['resource_metadata'] ?? '');
  return url !== null && url.host === probe.target.url.host ? url : undefined;
}

/** A page for every path, or an error, is no metadata. */
export function documentIn(answer: Answer): Found['document'] | undefined {
  const document = documentOf(answer);
  const isMetadata =
    document !== undefined && ('resource' in document || 'authorization_servers' in document);
  return answer.status === 200 && isMetadata ? document : undefined;
}

/**
 * Reads the metadata document from the address in the challenge or from the two well-known addresses.
 *
 * @throws Inconclusive if there is none. A server without an OAuth issuer needs none.
 */
export async function findDocument(probe: Probe): Promise<Found> {
  const named = addressOf(probe);
  const { pathname } = probe.target.url;
  const places = [named && `${named.pathname}${named.search}`, `${WELL_KNOWN}${pathname}`, WELL_KNOWN];
  let silent = false;
  for (const path of new Set(places.filter((place) => place !== undefined))) {
    const answer = await probe.send({ method: 'GET', path, auth: 'none' });
    const document = documentIn(answer);
    if (document !== undefined) return { path, document };
    silent ||= answer.failure === 'timeout';
  }
  throw new Inconclusive(
    silent ? inconclusive('no response in time') : notApplicable('the server publishes no OAuth metadata'),
  );
}

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
