import { metadataIn, metadataPaths } from '../../issuer.ts';
import type { Probe } from '../../probe.ts';
import { Inconclusive, inconclusive } from '../../verdict.ts';

export interface IssuerMetadata {
  readonly path: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** @throws Inconclusive if the issuer publishes no metadata */
export async function findIssuerMetadata({ issuer }: Probe): Promise<IssuerMetadata> {
  if (issuer === undefined) throw new Inconclusive(inconclusive('no issuer was named'));
  const seen: string[] = [];
  for (const path of metadataPaths(issuer.url)) {
    const answer = await issuer.sender.send({ method: 'GET', path, headers: { accept: 'application/json' } });
    const document = metadataIn(answer);
    if (document !== undefined) return { path, document };
    seen.push(`${path}: ${answer.status === 0 ? 'no response' : `HTTP ${answer.status}`}`);
  }
  throw new Inconclusive(inconclusive(`no metadata: ${seen.join('; ')}`));
}

export const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
