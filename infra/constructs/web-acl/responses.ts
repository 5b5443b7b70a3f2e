import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { NOT_FOUND } from '../../lib/not-found.ts';

interface FirewallResponse {
  readonly status: number;
  readonly content: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The firewall's responses. If the service would refuse for the same reason, text and status are the same
 * (test/contract/firewall.test.ts), so a client need not know which one refused.
 */
const RESPONSES = {
  'unknown-host': { status: 403, content: jsonRpc(-32_600, 'Send a Host header that names this server') },
  'not-found': { status: 404, content: JSON.parse(NOT_FOUND) as object },
  'method-not-allowed': {
    status: 405,
    content: jsonRpc(-32_600, 'Send a POST request'),
    headers: { Allow: 'POST' },
  },
  'metadata-method-not-allowed': {
    status: 405,
    content: { error: 'method_not_allowed', error_description: 'Send a GET request' },
    headers: { Allow: 'GET, HEAD' },
  },
  'query-not-allowed': {
    status: 400,
    content: jsonRpc(-32_600, 'Send no query string; a token belongs in the Authorization header'),
  },
  'old-protocol-version': {
    status: 400,
    content: jsonRpc(-32_022, 'Use a protocol version that this server supports; update the client'),
  },
  forbidden: {
    status: 403,
    content: jsonRpc(403, 'The firewall refuses this request; ask the operator if it should not'),
  },
  'rate-limited': {
    status: 429,
    // Equal to the window: a client over the limit is allowed once its last five minutes are under it.
    content: jsonRpc(429, 'Too many requests; retry in 300 s', { retryAfterSeconds: 300 }),
    headers: { 'Retry-After': '300' },
  },
} as const satisfies Record<string, FirewallResponse>;

export type ResponseKey = keyof typeof RESPONSES;

export const RESPONSE_BODIES: Readonly<Record<string, CfnWebACL.CustomResponseBodyProperty>> =
  Object.fromEntries(
    Object.entries(RESPONSES).map(([key, { content }]) => [
      key,
      { contentType: 'APPLICATION_JSON', content: JSON.stringify(content) },
    ]),
  );

/**
 * CORS headers that allow any page to read a refusal. A refusal contains nothing secret, and credentials are not
 * allowed with it.
 */
const FOR_PAGES = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' };

/** @param browsers whether clients may be web pages */
export function refuse(key: ResponseKey, browsers: boolean): CfnWebACL.RuleActionProperty {
  const { status, headers = {} }: FirewallResponse = RESPONSES[key];
  const all = Object.entries({ ...headers, ...(browsers ? FOR_PAGES : {}) });
  return {
    block: {
      customResponse: {
        responseCode: status,
        customResponseBodyKey: key,
        // CloudFormation refuses an empty list.
        responseHeaders: all.length > 0 ? all.map(([name, value]) => ({ name, value })) : undefined,
      },
    },
  };
}

function jsonRpc(code: number, message: string, data?: object): object {
  return { jsonrpc: '2.0', error: { code, message, data }, id: null };
}
