import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseDocument } from 'htmlparser2';
import { leaks } from '../../test/service/support/leaks.ts';
import { ALL_CHECKS } from '../src/all-checks.ts';
import { type ExamineOptions, examine, type Report } from '../src/examine.ts';
import { htmlOf } from '../src/report/html.ts';
import { jsonOf } from '../src/report/json.ts';
import { junitOf } from '../src/report/junit.ts';
import { tableOf } from '../src/report/table.ts';
import { createCertificate } from './support/certificates.ts';
import { answer, succeed } from './support/tamper.ts';
import { startWellBehaved } from './support/well-behaved.ts';

const TOKEN = 'hostile-test-token-0123456789';
leaks.token(TOKEN);

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  return await listenOn(createServer(listener));
}

async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** Every format of a report. The leak check also searches them for the token. */
function formsOf(report: Report) {
  const forms = {
    table: tableOf(report, false),
    json: jsonOf(report),
    junit: junitOf(report),
    html: htmlOf(report),
  };
  for (const [name, text] of Object.entries(forms))
    leaks.output({ where: `doctor's ${name}`, read: () => text });
  return forms;
}

const FAST: ExamineOptions = { token: TOKEN, timeoutMs: 300, patienceMs: 150, deadlineMs: 8_000 };

describe('the doctor survives a server that', () => {
  test('accepts connections and sends nothing', async () => {
    const url = await serve(() => {});
    await expect(examine(url, FAST)).rejects.toThrow('the server accepts connections but does not answer');
  });

  test('does not listen, or closes the connection', async () => {
    await expect(examine('http://127.0.0.1:1/mcp', FAST)).rejects.toThrow('the server closes the connection');
    await expect(examine('https://127.0.0.1:1/mcp', FAST)).rejects.toThrow(
      'no TLS connection (ECONNREFUSED)',
    );
  });

  test('does not speak MCP', async () => {
    const url = await serve((_request, response) => response.end('<h1>It works!</h1>'));
    await expect(examine(url, FAST)).rejects.toThrow(
      'no MCP server at this path: the server answers HTTP 200',
    );
  });

  test('rate-limits the first request', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    await expect(examine(url, FAST)).rejects.toMatchObject({
      name: 'TargetError',
      message: 'the server limited this client (429); run the doctor again later',
    });
  });

  test('redirects: the error names the target, and the doctor does not follow', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(308, { location: `/mcp/\u009b31m?token=${TOKEN}` }).end();
    });
    await expect(examine(url, FAST)).rejects.toThrow(
      /^no MCP server at this path: the server answers HTTP 308 and redirects to \/mcp\/31m\?token=\[REDACTED\]$/,
    );
  });

  test('does not speak HTTP', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {}).end(`\u001b[2J${'x'.repeat(100_000)}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await expect(examine(url, FAST)).rejects.toThrow(
      'no HTTP response: nothing listens there, or the server closes the connection',
    );
  });

  test.each([
    ['stops answering', (_request: unknown, _response: unknown) => {}],
    [
      'sends single bytes',
      (_request: unknown, response: Parameters<RequestListener>[1]) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'sends an endless body',
      (_request: unknown, response: Parameters<RequestListener>[1]) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (!response.destroyed && response.write('['.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
    ],
    [
      'sends an endless event stream',
      (_request: unknown, response: Parameters<RequestListener>[1]) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const more = () => {
          while (!response.destroyed && response.write('data: {}\n\n'.repeat(1000)));
        };
        response.on('drain', more);
        more();
      },
    ],
  ] as const)('%s after the first requests', async (_what, behave) => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests < 30) succeed(response, { protocolVersion: '2025-11-25', tools: [] });
      else behave(request, response);
    });
    const start = performance.now();
    const before = process.memoryUsage().rss;
    const report = await examine(url, FAST);
    expect(performance.now() - start).toBeLessThan(25_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect(report.findings.length).toBe(ALL_CHECKS.length);
    const last = report.findings.filter(({ id }) => /^(?:json-rpc|bodies)\/(?!unfinished)/.test(id));
    expect(last.map(({ outcome }) => outcome)).not.toContain('pass');
    expect(last.map(({ outcome }) => outcome)).not.toContain('fail');
  });

  test('puts escape sequences, markup and the token into every response', async () => {
    const url = await serve((request, response) => {
      const { authorization = '' } = request.headers;
      const encoded = Buffer.from(authorization.replace('Bearer ', '')).toString('base64');
      const evil = `\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e</table><script>alert(1)</script>]]>&amp;"' ${authorization} ${encoded}`;
      response.setHeader('x-powered-by', Buffer.from(evil.replace(/[^\x20-\x7e]/g, '')).toString('latin1'));
      const bare = evil.replace(/[^\x20-\x7e\x80-\xff]/g, '');
      response.setHeader('www-authenticate', `Bearer error="${bare.replaceAll('"', '')}"`);
      if (request.url !== '/mcp') answer(response, 200, `${evil} ${request.url}`, 'text/html');
      else
        succeed(response, {
          protocolVersion: evil,
          supportedVersions: [evil],
          tools: [{ name: evil }],
          error: evil,
        });
    });
    const report = await examine(url, FAST);
    const forms = formsOf(report);
    for (const text of Object.values(forms)) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(Buffer.from(TOKEN).toString('base64'));
      expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    }
    expect(forms.html).not.toContain('<script');
    expect(forms.html).toContain('&lt;script&gt;');
    expect(report.findings.find(({ id }) => id === 'leakage/token')).toMatchObject({ outcome: 'fail' });
    const tree = parseDocument(forms.junit, { xmlMode: true, decodeEntities: false });
    expect(tree.children.filter(({ type }) => type === 'tag')).toHaveLength(1);
    // Text from the server creates no elements and no entities.
    expect(forms.junit).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)|alert\(1\)<\/script>/);
    expect(forms.json).toBe(`${JSON.stringify(JSON.parse(forms.json), null, 2)}\n`);
  });
});

describe('the doctor sends', () => {
  test('nothing to another host, even if redirects, the challenge and the metadata point there', async () => {
    let strayed = 0;
    const other = await serve((_request, response) => {
      strayed += 1;
      response.end();
    });
    const url = await serve((request, response) => {
      response.setHeader('www-authenticate', `Bearer resource_metadata="${other}"`);
      response.setHeader('location', other);
      if (request.url?.startsWith('/.well-known'))
        answer(response, 200, JSON.stringify({ resource: other, authorization_servers: [other] }));
      else answer(response, request.headers.authorization === undefined ? 401 : 307, '{}');
    });
    const report = await examine(url, FAST);
    expect(strayed).toBe(0);
    expect(report.findings.find(({ id }) => id === 'metadata/location')).toMatchObject({
      outcome: 'fail',
      evidence: expect.stringContaining('received no request'),
    });
  });

  test('no token to a server with an invalid certificate', async () => {
    const tokens = new Set<string | undefined>();
    const server = await startWellBehaved({
      certificate: await createCertificate(),
      trusted: false,
      front(request, _response, next) {
        if (request.headers.authorization?.includes(TOKEN) || request.url?.includes(TOKEN))
          tokens.add(request.url);
        next();
      },
    });
    const { notes, findings } = await examine(server.url, { ...FAST, ca: server.ca, timeoutMs: 2000 });
    await server.stop();
    expect([...tokens]).toEqual([]);
    expect(notes.join()).toContain('the certificate is not valid, so the token was not sent');
    expect(findings.find(({ id }) => id === 'mismatch/method')?.outcome).toBe('inconclusive');
  });

  test('no more requests than its limit, and reports the rest as inconclusive', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      succeed(response, { protocolVersion: '2025-11-25', tools: [] });
    });
    const { findings, requests: reported } = await examine(url, { ...FAST, maxRequests: 25 });
    expect(requests).toBeLessThanOrEqual(25);
    expect(reported).toBe(25);
    expect(findings).toContainEqual(
      expect.objectContaining({
        outcome: 'inconclusive',
        evidence: 'the run reached its limit of 25 requests',
      }),
    );
  });

  test('nothing after its deadline', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      if (requests < 30) succeed(response, { protocolVersion: '2025-11-25', tools: [] });
    });
    const start = performance.now();
    const { findings } = await examine(url, { ...FAST, deadlineMs: 1500 });
    expect(performance.now() - start).toBeLessThan(3000);
    expect(findings.map(({ evidence }) => evidence)).toContain('the run reached its limit of 1.5 s');
  });

  test('again after Retry-After, and stops if that would take too long', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.setHeader('retry-after', requests === 9 ? '1' : '3600');
      if (requests === 9 || requests > 30) answer(response, 429, '{}');
      else succeed(response, { protocolVersion: '2025-11-25', tools: [] });
    });
    const start = performance.now();
    const { findings } = await examine(url, { ...FAST, timeoutMs: 2000 });
    expect(performance.now() - start).toBeGreaterThan(1000);
    expect(findings.map(({ evidence }) => evidence)).toContain(
      'the server limited this client (429); run the doctor again later',
    );
  });
});
