import type { Check } from '../../check.ts';
import { inconclusive } from '../../verdict.ts';
import { tryCredentials } from './try-credential.ts';

export const authenticationTokenInQuery: Check = {
  id: 'authentication/token-in-query',
  title: 'A token in the query string is ignored',
  fault: 'A token in the query string is accepted',
  severity: 'high',
  why: 'URLs with tokens stay in the logs of proxies, in histories and in Referer headers',
  sends:
    'a list without Authorization, with the token as access_token, token and api_key in the query string',
  fix: 'Read the token only from the Authorization header; revoke the token of this run, because logs may contain it',
  frameworks: { Spring: 'DefaultBearerTokenResolver: setAllowUriQueryParameter(false), the default' },
  reference: 'MCP 2026-07-28 Authorization, Token Requirements; RFC 9700 §4.3.2',
  baseline: 'denial',
  async run(probe, era) {
    if (!era.isServed) return inconclusive(probe.known.noAccess ?? 'the token was refused');
    // An API key of --header, if there is no token.
    const [key = ''] = Object.values(probe.credentials);
    const value = encodeURIComponent(probe.options.token ?? key);
    const query = ['access_token', 'token', 'api_key'].map((name) => `${name}=${value}`).join('&');
    const { path } = probe.target;
    return await tryCredentials(probe, era, [{ path: `${path}${path.includes('?') ? '&' : '?'}${query}` }]);
  },
};
