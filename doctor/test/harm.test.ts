import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startProcess } from '../../test/service/support/start-process.ts';
import { examine, type Report } from '../src/examine.ts';
import { htmlOf } from '../src/report/html.ts';
import { jsonOf } from '../src/report/json.ts';
import { junitOf } from '../src/report/junit.ts';
import { tableOf } from '../src/report/table.ts';
import { createToolCalls } from '../src/tool-calls.ts';
import { MAIN } from './support/main.ts';
import { answer, succeed } from './support/tamper.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const FAST = { timeoutMs: 1000, patienceMs: 150, deadlineMs: 15_000 };
const URL_INPUT = {
  type: 'object',
  properties: { url: { type: 'string', format: 'uri' } },
  required: ['url'],
};

const TOOLS: Readonly<Record<string, object | undefined>> = {
  read_page: { readOnlyHint: true },
  reset_database: { readOnlyHint: false, destructiveHint: true },
  create_record: { readOnlyHint: false, destructiveHint: false },
  delete_site: undefined,
  purge_cache: { readOnlyHint: true, destructiveHint: true },
  hint_as_string: { readOnlyHint: 'true' },
};

/** A server without authentication that lists these tools, answers every call and counts the calls. */
async function listing(names: readonly string[]) {
  const calls = new Map<string, number>();
  const url = await serve(async (request, response) => {
    // Some of the doctor's requests never end.
    const { method, params } = messageIn(await text(request).catch(() => ''));
    if (method === 'tools/call') calls.set(params?.name ?? '', (calls.get(params?.name ?? '') ?? 0) + 1);
    succeed(response, {
      protocolVersion: '2025-11-25',
      content: [{ type: 'text', text: 'done' }],
      tools: names.map((name) => ({ name, inputSchema: URL_INPUT, annotations: TOOLS[name] })),
    });
  });
  const called = () => [...calls.keys()].filter((name) => Object.hasOwn(TOOLS, name));
  return { url, called, calls };
}

function messageIn(text: string): { method?: string; params?: { name?: string } } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}

const formatsOf = (report: Report) => ({
  table: tableOf(report, false),
  json: jsonOf(report),
  junit: junitOf(report),
  html: htmlOf(report),
});

describe('on a server with read-only, destructive and undeclared tools', () => {
  let server: Awaited<ReturnType<typeof listing>>;
  beforeEach(async () => {
    server = await listing(Object.keys(TOOLS));
  });

  test('the doctor calls only the read-only tool, and every report lists the reason', async () => {
    const report = await examine(server.url, FAST);
    expect(server.called()).toEqual(['read_page']);
    expect(report.tools.map(({ name, calls }) => [name, calls])).toEqual(
      Object.keys(TOOLS).map((name) => [name, server.calls.get(name) ?? 0]),
    );
    const { table, json, junit, html } = formatsOf(report);
    for (const text of [table, html]) {
      expect(text).toMatch(/Tools called: it declares readOnlyHint: true \(read_page \d+×\)/);
      expect(text).toContain(
        'Tools not called: it does not declare readOnlyHint: true (reset_database, create_record, delete_site, purge_cache, hint_as_string)',
      );
    }
    expect(junit).toMatch(/<property name="tool read_page" value="called: [^"]+\(\d+×\)"\/>/);
    expect(junit).toContain('<property name="tool delete_site" value="not called: ');
    expect(JSON.parse(json).tools).toContainEqual({
      name: 'reset_database',
      calls: 0,
      reason: 'not called: it does not declare readOnlyHint: true',
    });
  });

  test('the doctor calls the others with callTools, and every report lists the reason', async () => {
    const report = await examine(server.url, { ...FAST, callTools: true });
    expect(server.called()).toEqual(expect.arrayContaining(['read_page', 'reset_database', 'create_record']));
    const reason = 'called with --call-tools: it does not declare readOnlyHint: true';
    expect(report.tools).toContainEqual({
      name: 'reset_database',
      calls: server.calls.get('reset_database'),
      reason,
    });
    for (const text of Object.values(formatsOf(report))) expect(text).toContain(reason);
  });
});

test('noTools calls no tool, and every report lists the reason', async () => {
  const server = await listing(['read_page', 'reset_database']);
  const report = await examine(server.url, { ...FAST, noTools: true, callTools: true, inject: true });
  expect(server.called()).toEqual([]);
  for (const text of Object.values(formatsOf(report)))
    expect(text).toContain('not called because of --no-tools');
});

test('a tool gets a harmless value before any hostile one', async () => {
  const values: string[] = [];
  const url = await serve(async (request, response) => {
    const { method, params } = messageIn(await text(request).catch(() => ''));
    const value = (params as { arguments?: { url?: string } } | undefined)?.arguments?.url;
    if (method === 'tools/call' && value !== undefined) values.push(value);
    const tools = [{ name: 'read_page', inputSchema: URL_INPUT, annotations: TOOLS['read_page'] }];
    succeed(response, { protocolVersion: '2025-11-25', tools, content: [{ type: 'text', text: 'no' }] });
  });
  await examine(url, { ...FAST, only: ['ssrf', 'injection'], inject: true });
  const first = (part: string) => values.findIndex((value) => value.includes(part));
  expect(values[0]).toBe('https://example.com/');
  expect([first('127.0.0.1'), first('expr ')].every((index) => index > 0)).toBe(true);
  expect(first('localhost')).toBeLessThan(first('expr '));
});

test('callTools calls every tool of a short list', async () => {
  const server = await listing(['read_page', 'reset_database', 'delete_site']);
  await examine(server.url, { ...FAST, callTools: true });
  expect(server.called()).toEqual(['read_page', 'reset_database', 'delete_site']);
});

test('checks that need a tool are inconclusive if no tool may be called, with the reason', async () => {
  const server = await listing(['reset_database', 'delete_site']);
  const { findings } = await examine(server.url, FAST);
  expect(server.called()).toEqual([]);
  for (const id of ['ssrf/addresses', 'ssrf/schemes', 'leakage/tool-errors']) {
    expect(findings.find((finding) => finding.id === id)).toMatchObject({
      outcome: 'inconclusive',
      evidence:
        'not called without --call-tools, because none declares readOnlyHint: true: reset_database, delete_site',
    });
  }
});

test('the command accepts --call-tools, and --help explains it', async () => {
  const server = await listing(['delete_site']);
  const run = async (words: readonly string[]) => {
    const args = [MAIN, ...words];
    const cli = startProcess(process.execPath, args, {});
    await cli.exited(25_000);
    return cli.stdout();
  };
  expect(await run(['--help'])).toMatch(
    /--call-tools +also call tools that do not declare readOnlyHint: true/,
  );
  expect(await run([server.url, '--patience', '1', '--call-tools'])).toContain(
    'Tools called with --call-tools: ',
  );
  expect(server.called()).toEqual(['delete_site']);
});

describe('the doctor does not send', () => {
  const tools = Object.entries(TOOLS).map(([name, annotations]) => ({
    ...{ name, inputSchema: {} },
    annotations: (annotations ?? {}) as Record<string, unknown>,
  }));
  const call = (name: unknown) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });

  test.each([
    ['a call of a destructive tool', JSON.stringify(call('reset_database'))],
    ['the same as bytes', Buffer.from(JSON.stringify(call('reset_database')))],
    ['the same in a batch', JSON.stringify([call('read_page'), call('reset_database')])],
    ['a call of a tool that is not listed', JSON.stringify(call('hidden_tool'))],
    ['a call without a name', JSON.stringify(call(undefined))],
    ['half a call', JSON.stringify(call('read_page')).slice(0, -3)],
    ['a request as bytes that has a call', `POST /mcp HTTP/1.1\r\n\r\n${JSON.stringify(call('read_page'))}`],
  ])('%s, for any check', (_what, sent) => {
    const calls = createToolCalls('read-only');
    calls.learn(tools);
    expect(() => calls.admit(sent)).toThrow(/not called/);
    expect(calls.uses().every(({ calls: times }) => times === 0)).toBe(true);
  });

  test('a call before it knows the list, or of a name that is listed twice with different annotations', () => {
    const calls = createToolCalls('read-only');
    expect(() => calls.admit(JSON.stringify(call('read_page')))).toThrow(/not called/);
    const twice = { ...(tools[0] as (typeof tools)[0]), annotations: {} };
    calls.learn([...tools, twice]);
    expect(() => calls.admit(JSON.stringify(call('read_page')))).toThrow(/not called/);
    expect(calls.callable).toEqual([]);
  });
});

/** One fake secret of each kind, written in parts so that secret scanners ignore it. */
const SECRETS: readonly (readonly [string, string, string?])[] = [
  ['an AWS key id', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['an AWS secret key', `wJalrXUtnFEMI${'K7MDENGbPxRfiCYEXAMPLEKEY12'}`],
  ['a GitHub token', `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`],
  ['a Slack token', `xoxb-${'123456789012-abcdefghijkl'}`],
  ['a JWT', `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiJhIn0'}.c2lnbmF0dXJlLW9m`],
  ['a bearer token', 'mF_9.B5f-4.1JqM', `Bearer ${'mF_9.B5f-4.1JqM'}`],
  ['a named password', 'hunter2-battery-staple', `password=${'hunter2-battery-staple'}`],
  ['a password in JSON', 'correct-horse', `{"db_password": "${'correct-horse'}"}`],
  ['a password in a URL', 'postgres-pass', `postgres://admin:${'postgres-pass'}@10.0.0.5/db`],
  ['a key in a query', 'query-key-0123', `https://x.example/?api_key=${'query-key-0123'}`],
  ['a digest', '0123456789abcdef'.repeat(4)],
  [
    'a private key',
    'MIIEvQIBADANBg',
    `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----`,
  ],
];

describe.each(SECRETS)('%s from the server', (_kind, secret, sent = secret) => {
  test('is in no format of the report, wherever the server sends it', async () => {
    let requests = 0;
    const flat = sent.replaceAll('\n', ' ');
    const url = await serve((request, response) => {
      response.setHeader('x-powered-by', `1.0 ${flat}`);
      response.setHeader('server', `nginx/1.2 ${flat}`);
      requests += 1;
      if (requests % 2 === 0) response.setHeader('location', `/?a=1&${encodeURI(flat)}`);
      if (request.method === 'GET')
        answer(response, 200, `${sent} at File "/srv/app/x.py", line 3`, 'text/html');
      else
        succeed(response, {
          protocolVersion: `2025-11-25 ${sent}`,
          supportedVersions: sent.includes('\n') ? [sent] : undefined,
          tools: [
            {
              name: `read ${sent}`,
              description: sent,
              inputSchema: URL_INPUT,
              annotations: { readOnlyHint: true },
            },
          ],
          content: [{ type: 'text', text: `ECONNREFUSED ${sent}` }],
        });
    });
    const only = ['surface', 'authentication', 'definitions', 'ssrf', 'leakage', 'headers', 'eras'];
    const report = await examine(url, { ...FAST, only });
    const formats = formatsOf(report);
    expect(report.findings.some(({ outcome }) => outcome === 'fail')).toBe(true);
    expect(formats.json).toContain('REDACTED');
    for (const [format, written] of Object.entries(formats)) {
      expect([format, written.includes(secret), written.includes(encodeURIComponent(secret))]).toEqual([
        format,
        false,
        false,
      ]);
    }
  });
});

test('a value from the query string is in no format of the report, even if the server repeats it', async () => {
  const value = 'plain-words-of-a-query';
  const url = await serve((request, response) => {
    response.setHeader('server', `nginx/1.2 ${value}`);
    succeed(response, { protocolVersion: '2025-11-25', tools: [], asked: request.url });
  });
  const report = await examine(`${url}?a=${value}&b=short&a=again`, FAST);
  expect(report.url).toBe(`${url}?a=REDACTED&b=REDACTED`);
  for (const written of Object.values(formatsOf(report))) expect(written).not.toContain(value);
});

test.each([
  ['a server that is not an MCP server', 'location'],
  ['a URL of another scheme', 'scheme'],
])('the error about %s contains no secret', async (_what, kind) => {
  const secret = `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`;
  const elsewhere = await serve((_request, response) => {
    response.writeHead(302, { location: `/login?code=1&token=${secret}` }).end();
  });
  const url = kind === 'scheme' ? `htps://user:${secret}@localhost/` : elsewhere;
  const cli = startProcess(process.execPath, [MAIN, url], {});
  await cli.exited(25_000);
  expect(cli.stderr()).toContain('[REDACTED]');
  expect(cli.stderr() + cli.stdout()).not.toContain(secret);
});
