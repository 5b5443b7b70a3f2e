import type { CleanText } from './clean-text.ts';
import type { Answer, WireRequest } from './exchange.ts';
import { shownUrl, type Target } from './target.ts';

/** A request that was sent, and the start of its response. */
export interface Sent {
  readonly request: WireRequest;
  readonly answer: Answer;
}

/** Longest body that a person repeats, in characters. */
const MAX_BODY = 1500;
/** curl sets these itself, or they say nothing about the attack. */
const USUAL = new Set(['content-length', 'transfer-encoding', 'user-agent']);

/**
 * A command that repeats the request. Variables are in place of secrets: `$MCP_TOKEN`, `$MCP_SESSION` and `$MCP_KEY`.
 *
 * @param credentials the header fields that give access
 * @param clean removes secrets from what is shown
 * @returns undefined for a body that does not fit a command line
 */
export function curlOf(
  { path, method, headers, body }: WireRequest,
  { url }: Target,
  credentials: Readonly<Record<string, string>>,
  clean: CleanText,
): string | undefined {
  if (body !== undefined && (typeof body !== 'string' || body.length > MAX_BODY)) return undefined;
  const fields = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || USUAL.has(name) || (name === 'host' && value === url.host)) return [];
    if (name === 'mcp-session-id') return [`-H "${name}: $MCP_SESSION"`];
    if (credentials[name] !== value) return [`-H ${quote(`${name}: ${clean(value)}`)}`];
    return [name === 'authorization' ? '-H "authorization: Bearer $MCP_TOKEN"' : `-H "${name}: $MCP_KEY"`];
  });
  const to = clean(shownUrl(URL.parse(`${url.origin}${path}`) ?? url), 500);
  const verb = method === 'POST' && body !== undefined ? [] : [`-X ${method}`];
  const data = body === undefined ? [] : [`--data ${quote(clean(body, MAX_BODY))}`];
  return ['curl -i', ...verb, ...fields, ...data, quote(to)].join(' ');
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
