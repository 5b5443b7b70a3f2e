import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { needProtection, type Probe } from '../probe.ts';
import { fail, Inconclusive, notApplicable, pass } from '../verdict.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

interface Found {
  readonly path: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Parameters of the Bearer challenge by name. */
function challengeOf({ headers }: Answer): Readonly<Record<string, string>> | undefined {
  const value = headers['www-authenticate'] ?? '';
  if (!/(?:^|,)\s*Bearer(?:\s|$)/i.test(value)) return undefined;
  const parameters = [...value.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)];
  return Object.fromEntries(
    parameters.map(([, name = '', text, bare]) => [name.toLowerCase(), text ?? bare ?? '']),
  );
}

/** The metadata address in the challenge, if it is on this server. */
function addressOf({ known, target }: Probe): URL | undefined {
  const url = URL.parse(challengeOf(known.refusal)?.['resource_metadata'] ?? '');
  return url !== null && url.host === target.url.host ? url : undefined;
}

/**
 * Reads the metadata document from the address in the challenge or from the two well-known addresses.
 *
 * @throws Inconclusive if there is none. A server without an OAuth issuer needs none.
 */
async function find(probe: Probe): Promise<Found> {
  const named = addressOf(probe);
  const { pathname } = probe.target.url;
  const places = [named && `${named.pathname}${named.search}`, `${WELL_KNOWN}${pathname}`, WELL_KNOWN];
  for (const path of new Set(places.filter((place) => place !== undefined))) {
    const answer = await probe.send({ method: 'GET', path, auth: 'none' });
    const [document] = answer.messages;
    if (answer.status === 200 && document !== undefined) return { path, document: { ...document } };
  }
  throw new Inconclusive(notApplicable('the server publishes no OAuth metadata'));
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const METADATA_CHECKS: readonly Check[] = [
  {
    id: 'metadata/challenge',
    title: 'A request without a token gets 401 and a Bearer challenge',
    severity: 'medium',
    sends: 'tools/list without a token',
    fix: 'Answer 401 with WWW-Authenticate: Bearer, and add resource_metadata if an issuer creates the tokens',
    reference: 'RFC 6750 §3; MCP 2026-07-28 Authorization, Error Handling',
    async run(probe) {
      needProtection(probe);
      const { refusal } = probe.known;
      const said = `HTTP ${refusal.status}, WWW-Authenticate: ${refusal.headers['www-authenticate'] ?? '(none)'}`;
      return (refusal.status === 401 && challengeOf(refusal) !== undefined ? pass : fail)(said);
    },
  },
  {
    id: 'metadata/error-code',
    title: 'The challenge has the error invalid_token for an invalid token, and no error without a token',
    severity: 'low',
    sends: 'tools/list without a token and with an invalid one',
    fix: 'Add error="invalid_token" to the challenge only if the request had a token',
    reference: 'RFC 6750 §3.1',
    async run(probe) {
      needProtection(probe);
      const bad = await probe.ask('tools/list', {}, { headers: { authorization: 'Bearer not-a-token' } });
      const without = challengeOf(probe.known.refusal);
      const withBad = challengeOf(bad);
      if (without === undefined || withBad === undefined)
        return notApplicable('the server sends no Bearer challenge');
      const said = `without a token: error=${without['error'] ?? '(none)'}; invalid token: error=${withBad['error'] ?? '(none)'}`;
      const right = without['error'] === undefined && withBad['error'] === 'invalid_token';
      return (right ? pass : fail)(said);
    },
  },
  {
    id: 'metadata/location',
    title: 'The challenge points to a metadata document on the same host',
    severity: 'medium',
    sends: 'GET to the address in the challenge if it is on this host; nothing to any other host',
    fix: `Set resource_metadata to https://HOST${WELL_KNOWN}/PATH, and serve the document there`,
    reference: 'RFC 9728 §3.1, §5.1; MCP 2026-07-28 Authorization Server Discovery',
    async run(probe) {
      needProtection(probe);
      const value = challengeOf(probe.known.refusal)?.['resource_metadata'];
      if (value === undefined) {
        const { path } = await find(probe);
        return pass(`not in the challenge, but at ${path}`);
      }
      const address = addressOf(probe);
      if (address?.protocol !== probe.target.url.protocol)
        return fail(`it points to ${value}, which received no request`);
      const answer = await probe.send({
        method: 'GET',
        path: `${address.pathname}${address.search}`,
        auth: 'none',
      });
      const served = answer.status === 200 && answer.messages.length > 0;
      return (served ? pass : fail)(`${value}: ${probe.describe(answer)}`);
    },
  },
  {
    id: 'metadata/resource',
    title: 'The resource in the metadata is the URL of the endpoint',
    severity: 'medium',
    sends: 'GET to the metadata document',
    fix: 'Set resource to the exact public URL of the endpoint; clients refuse metadata for another URL',
    reference: 'RFC 9728 §3.3',
    async run(probe) {
      const { path, document } = await find(probe);
      const { url } = probe.target;
      const resource = URL.parse(String(document['resource']));
      const bare = (one: URL) => `${one.origin}${one.pathname.replace(/\/$/, '')}${one.search}`;
      // The document at the root may name the whole origin.
      const right =
        resource !== null &&
        [bare(url), ...(path === WELL_KNOWN ? [url.origin] : [])].includes(bare(resource));
      return (right ? pass : fail)(`resource is ${JSON.stringify(document['resource'])}`);
    },
  },
  {
    id: 'metadata/authorization-servers',
    title: 'The metadata names an issuer with an https URL',
    severity: 'medium',
    sends: 'GET to the metadata document; nothing to the issuer',
    fix: 'List at least one https issuer in authorization_servers',
    reference: 'RFC 9728 §2; MCP 2026-07-28 Authorization Server Discovery',
    async run(probe) {
      const { document } = await find(probe);
      const issuers = listOf(document['authorization_servers']);
      const good = issuers.every((issuer) => {
        const url = URL.parse(String(issuer));
        return url?.protocol === 'https:' || (probe.target.loopback && url?.protocol === 'http:');
      });
      return (issuers.length > 0 && good ? pass : fail)(
        `authorization_servers is ${JSON.stringify(document['authorization_servers'])}`,
      );
    },
  },
  {
    id: 'metadata/scopes',
    title: 'The metadata lists no excessive scopes or token methods',
    severity: 'low',
    sends: 'GET to the metadata document',
    fix: 'Remove wildcards and offline_access from scopes_supported, and query and body from bearer_methods_supported',
    reference: 'MCP 2026-07-28 Security Best Practices, Scope Minimization; Authorization, Refresh Tokens',
    async run(probe) {
      const { document } = await find(probe);
      const scopes = listOf(document['scopes_supported']).map(String);
      const methods = listOf(document['bearer_methods_supported']).map(String);
      const wide = [
        ...scopes.filter((scope) => /\*|^(?:all|full[-_.]?access|offline_access)$/i.test(scope)),
        ...methods.filter((method) => method !== 'header'),
      ];
      return wide.length > 0
        ? fail(wide.join(', '))
        : pass(`scopes ${scopes.join(' ')}; methods ${methods.join(' ')}`);
    },
  },
];
