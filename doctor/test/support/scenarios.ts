import type { ExamineOptions } from '../../src/examine.ts';
import type { IssuerOptions } from './issuer-server.ts';
import { type Exchange, json, type SoundOptions, TOKEN } from './sound-server.ts';

/** A server and the options of the doctor that examines it. */
export interface Scenario extends SoundOptions {
  readonly options?: ExamineOptions;
  /** An authorization server, which the doctor examines too. */
  readonly issuer?: IssuerOptions;
  /** The host in the URL. @default '127.0.0.1' */
  readonly host?: string;
}

/** The servers that show that a check works. */
export interface Servers {
  readonly fails: Scenario;
  readonly passes: Scenario;
  /** A server about which the check can tell nothing: neither pass nor fail. */
  readonly cannotTell: Scenario;
}

/** A server without known faults. */
export const SOUND: Scenario = {};
/** The doctor has no token for a server that needs one. */
export const WITHOUT_TOKEN: Scenario = { options: { token: undefined } };
/** Plain HTTP, so there is no TLS to examine. */
export const WITHOUT_TLS: Scenario = {};

type Is = (exchange: Exchange) => boolean;

/** Never answers such a request, although it answers others. */
export const silentOn = (is: Is, more: Scenario = {}): Scenario => ({
  ...more,
  before: (exchange) => is(exchange),
  options: { timeoutMs: 300, ...more.options },
});

/** Answers such a request with a result, without any control. */
export const answersOn = (is: Is, more: Scenario = {}): Scenario => ({
  ...more,
  before: (exchange) => is(exchange) && succeed(exchange),
});

/** Answers such a request with this status and text. */
export const respondsOn = (is: Is, status: number, text: string, type = 'application/json'): Scenario => ({
  before({ response, ...exchange }) {
    if (!is({ response, ...exchange })) return false;
    response.writeHead(status, { 'content-type': type }).end(text);
    return true;
  },
});

/** Changes the request before the controls see it. */
export const changes = (change: (exchange: Exchange) => void, more: Scenario = {}): Scenario => ({
  ...more,
  before(exchange) {
    change(exchange);
    return false;
  },
});

/** Ends at such a request, and closes every later connection. */
export function diesOn(is: Is): Scenario {
  let dead = false;
  return {
    before(exchange) {
      dead ||= is(exchange);
      if (dead) exchange.response.destroy();
      return dead;
    },
  };
}

export function succeed({ response, message }: Exchange, result: object = { tools: [], content: [] }): true {
  return json(response, 200, { jsonrpc: '2.0', id: message['id'] ?? 1, result });
}

/** Sets or removes header fields of a request. */
export function setFields({ request }: Exchange, fields: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(fields)) {
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      if (request.rawHeaders[i]?.toLowerCase() === name) request.rawHeaders[i] = 'x-removed';
    }
    if (value === undefined) delete request.headers[name];
    else {
      request.headers[name] = value;
      request.rawHeaders.push(name, value);
    }
  }
}

export const bearerOf = ({ request }: Exchange): string | undefined =>
  request.headers.authorization?.replace(/^Bearer /, '');
export const addToken = (exchange: Exchange): void =>
  setFields(exchange, { authorization: `Bearer ${TOKEN}` });

/** Changes response header fields just before they are sent. Removes fields with the value `undefined`. */
export function rewriteHead(
  { response }: Exchange,
  change: (fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, string | undefined>>,
): void {
  const writeHead = response.writeHead.bind(response) as (status: number, fields: object) => typeof response;
  response.writeHead = ((status: number, fields: Record<string, string> = {}) => {
    const all = { ...response.getHeaders(), ...fields };
    for (const [name, value] of Object.entries(change(all))) {
      response.removeHeader(name);
      delete fields[name];
      if (value !== undefined) fields[name] = value;
    }
    return writeHead(status, fields);
  }) as typeof response.writeHead;
}

/** A read-only tool with one text argument. */
export const reader = (name: string, argument: string, schema: object = {}) => ({
  name,
  description: name,
  inputSchema: {
    type: 'object',
    properties: { [argument]: { type: 'string', maxLength: 2000, ...schema } },
    required: [argument],
  },
  annotations: { readOnlyHint: true },
});
