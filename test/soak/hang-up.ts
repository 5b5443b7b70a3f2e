import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

// Clients that disconnect. Each has its own connection, which ends with it.

export interface Caller {
  readonly port: number;
  readonly token: string;
}

/** Header that the load balancer adds. */
export const BALANCED = { 'x-forwarded-for': '203.0.113.7' };
/** Longer than every wait here, in milliseconds: after it, the event counts as missing. */
const WAIT_MS = 10_000;

function open({ port, token }: Caller, headers: Record<string, string | number>) {
  const sent = request({
    ...{ host: '127.0.0.1', port, path: '/mcp', method: 'POST', agent: false, rejectUnauthorized: false },
    headers: {
      host: 'mcp.example.com',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...BALANCED,
      ...headers,
    },
  });
  // The test itself breaks the connection.
  return sent.on('error', () => {});
}

async function inTime(what: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  const timeout = sleep(WAIT_MS, false, { signal: late.signal });
  timeout.catch(() => {});
  const done = await Promise.race([what.then(() => true), timeout]);
  late.abort();
  return done;
}

/**
 * Sends a call, disconnects when its page was requested, and waits until the page is no longer read.
 *
 * @returns `gone`, or the missing event
 */
export async function hangUpInCall(
  caller: Caller,
  body: object,
  headers: Record<string, string>,
  page: { readonly asked: Promise<void>; readonly left: Promise<void> },
): Promise<string> {
  const sent = open(caller, headers);
  sent.end(JSON.stringify(body));
  if (!(await inTime(page.asked))) return 'the page was not asked for';
  sent.destroy();
  return (await inTime(page.left)) ? 'gone' : 'the page is still read';
}

/** Waits until the server reads the body, sends half of it and disconnects. @returns `gone`, or the missing event */
export async function hangUpInBody(caller: Caller, body: object): Promise<string> {
  const text = JSON.stringify(body);
  const sent = open(caller, { 'content-length': text.length, expect: '100-continue' });
  sent.flushHeaders();
  if (!(await inTime(once(sent, 'continue')))) return 'the body was not asked for';
  await new Promise((resolve) => sent.write(text.slice(0, text.length / 2), resolve));
  sent.destroy();
  return 'gone';
}
