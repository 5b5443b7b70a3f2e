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
  says_so_in_words: { readOnlyHint: 'true' },
};

/** A server without a token that lists these tools, carries out every call, and counts them. */
async function listing(names: readonly string[]) {
  const calls = new Map<string, number>();
  const url = await serve(async (request, response) => {
    // Some of the doctor's bodies never end.
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

const formsOf = (report: Report) => ({
  table: tableOf(report, false),
  json: jsonOf(report),
  junit: junitOf(report),
  html: htmlOf(report),
});

describe('of a server with tools that read, destroy and say nothing', () => {
  let server: Awaited<ReturnType<typeof listing>>;
  beforeEach(async () => {
    server = await listing(Object.keys(TOOLS));
  });

  test('only the one that declares that it reads is called, and every report says so', async () => {
    const report = await examine(server.url, FAST);
    expect(server.called()).toEqual(['read_page']);
    expect(report.tools.map(({ name, calls }) => [name, calls])).toEqual(
      Object.keys(TOOLS).map((name) => [name, server.calls.get(name) ?? 0]),
    );
    const { table, json, junit, html } = formsOf(report);
    for (const text of [table, html]) {
      expect(text).toMatch(/Tools called: it declares readOnlyHint: true \(read_page \d+×\)/);
      expect(text).toContain(
        'Tools not called: it does not declare readOnlyHint: true (reset_database, create_record, delete_site, purge_cache, says_so_in_words)',
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

  test('others are called when it is asked for, and every report says that', async () => {
    const report = await examine(server.url, { ...FAST, callTools: true });
    expect(server.called()).toEqual(expect.arrayContaining(['read_page', 'reset_database', 'create_record']));
    const reason = 'called by --call-tools: it does not declare readOnlyHint: true';
    expect(report.tools).toContainEqual({
      name: 'reset_database',
      calls: server.calls.get('reset_database'),
      reason,
    });
    for (const text of Object.values(formsOf(report))) expect(text).toContain(reason);
  });
});

test('each tool is called by --call-tools where there are few', async () => {
  const server = await listing(['read_page', 'reset_database', 'delete_site']);
  await examine(server.url, { ...FAST, callTools: true });
  expect(server.called()).toEqual(['read_page', 'reset_database', 'delete_site']);
});

test('where no tool may be called, the checks that need one could not tell, with the reason', async () => {
  const server = await listing(['reset_database', 'delete_site']);
  const { findings } = await examine(server.url, FAST);
  expect(server.called()).toEqual([]);
  for (const id of ['ssrf/addresses', 'ssrf/schemes', 'leakage/tool-errors']) {
    expect(findings.find((finding) => finding.id === id)).toMatchObject({
      outcome: 'inconclusive',
      evidence:
        'not called without --call-tools, for none declares readOnlyHint: true: reset_database, delete_site',
    });
  }
});

test('the command takes --call-tools and says before what it means', async () => {
  const server = await listing(['delete_site']);
  const run = async (words: readonly string[]) => {
    const words_ = ['--import', 'tsx', 'doctor/src/main.ts', ...words];
    const cli = startProcess(process.execPath, words_, {});
    await cli.exited(25_000);
    return cli.stdout();
  };
  expect(await run(['--help'])).toMatch(
    /--call-tools +also call tools that do not declare readOnlyHint: true/,
  );
  expect(await run([server.url, '--patience', '1', '--call-tools'])).toContain(
    'Tools called by --call-tools: ',
  );
  expect(server.called()).toEqual(['delete_site']);
});

describe('what is sent', () => {
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
  ])('never has %s, whichever check would send it', (_what, sent) => {
    const calls = createToolCalls(false);
    calls.learn(tools);
    expect(() => calls.admit(sent)).toThrow(/not called/);
    expect(calls.uses().every(({ calls: times }) => times === 0)).toBe(true);
  });

  test('never has a call before the list is known, and not of a name that is listed twice with different words', () => {
    const calls = createToolCalls(false);
    expect(() => calls.admit(JSON.stringify(call('read_page')))).toThrow(/not called/);
    const twice = { ...(tools[0] as (typeof tools)[0]), annotations: {} };
    calls.learn([...tools, twice]);
    expect(() => calls.admit(JSON.stringify(call('read_page')))).toThrow(/not called/);
    expect(calls.callable).toEqual([]);
  });
});

/** Of each kind one that is no real one; written in parts, so that no scanner takes it for one. */
const SECRETS: readonly (readonly [string, string, string?])[] = [
  ['an AWS key id', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['an AWS secret key', `wJalrXUtnFEMI${'K7MDENGbPxRfiCYEXAMPLEKEY12'}`],
  ['a GitHub token', `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`],
  ['a Slack token', `xoxb-${'123456789012-abcdefghijkl'}`],
  ['a JWT', `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiJhIn0'}.c2lnbmF0dXJlLW9m`],
  ['a bearer token', 'mF_9.B5f-4.1JqM', `Bearer ${'mF_9.B5f-4.1JqM'}`],
  ['a password by its name', 'hunter2-battery-staple', `password=${'hunter2-battery-staple'}`],
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

describe.each(SECRETS)('%s of a server', (_kind, secret, told = secret) => {
  test('stands in no form of the report, whatever of the server holds it', async () => {
    let requests = 0;
    const flat = told.replaceAll('\n', ' ');
    const url = await serve((request, response) => {
      response.setHeader('x-powered-by', `1.0 ${flat}`);
      response.setHeader('server', `nginx/1.2 ${flat}`);
      requests += 1;
      if (requests % 2 === 0) response.setHeader('location', `/?a=1&${encodeURI(flat)}`);
      if (request.method === 'GET')
        answer(response, 200, `${told} at File "/srv/app/x.py", line 3`, 'text/html');
      else
        succeed(response, {
          protocolVersion: `2025-11-25 ${told}`,
          supportedVersions: told.includes('\n') ? [told] : undefined,
          tools: [
            {
              name: `read ${told}`,
              description: told,
              inputSchema: URL_INPUT,
              annotations: { readOnlyHint: true },
            },
          ],
          content: [{ type: 'text', text: `ECONNREFUSED ${told}` }],
        });
    });
    const report = await examine(url, FAST);
    const forms = formsOf(report);
    expect(report.findings.some(({ outcome }) => outcome === 'fail')).toBe(true);
    expect(forms.json).toContain('REDACTED');
    for (const [form, written] of Object.entries(forms)) {
      expect([form, written.includes(secret), written.includes(encodeURIComponent(secret))]).toEqual([
        form,
        false,
        false,
      ]);
    }
  });
});

test('a value in the query of the URL stands in no form of the report, nor where the server repeats it', async () => {
  const value = 'plain-words-of-a-query';
  const url = await serve((request, response) => {
    response.setHeader('server', `nginx/1.2 ${value}`);
    succeed(response, { protocolVersion: '2025-11-25', tools: [], asked: request.url });
  });
  const report = await examine(`${url}?a=${value}&b=short&a=again`, FAST);
  expect(report.url).toBe(`${url}?a=REDACTED&b=REDACTED`);
  for (const written of Object.values(formsOf(report))) expect(written).not.toContain(value);
});

test.each([
  ['a server that is no MCP server', 'location'],
  ['a URL of another scheme', 'scheme'],
])('the error about %s has no secret', async (_what, kind) => {
  const secret = `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`;
  const elsewhere = await serve((_request, response) => {
    response.writeHead(302, { location: `/login?code=1&token=${secret}` }).end();
  });
  const url = kind === 'scheme' ? `htps://user:${secret}@localhost/` : elsewhere;
  const cli = startProcess(process.execPath, ['--import', 'tsx', 'doctor/src/main.ts', url], {});
  await cli.exited(25_000);
  expect(cli.stderr()).toContain('[REDACTED]');
  expect(cli.stderr() + cli.stdout()).not.toContain(secret);
});
