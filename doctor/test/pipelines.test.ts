import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { ALL_CHECKS } from '../src/all-checks.ts';
import { fetchToken } from '../src/client-credentials.ts';
import { examine, type Report } from '../src/examine.ts';
import { compareWith, parseBaseline } from '../src/report/baseline.ts';
import { exitCodeOf } from '../src/report/exit-code.ts';
import { htmlOf } from '../src/report/html.ts';
import { ignoreIn, parseIgnored } from '../src/report/ignore.ts';
import { jsonOf } from '../src/report/json.ts';
import { junitOf } from '../src/report/junit.ts';
import { sarifOf } from '../src/report/sarif.ts';
import { tableOf } from '../src/report/table.ts';
import { json, startSound, TOKEN } from './support/sound-server.ts';

const KEY = 'green apple on a table';
const IDS = ALL_CHECKS.map(({ id }) => id);
const parse = (file: URL) => JSON.parse(readFileSync(file, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);

/** A schema of draft 4, as the npm package of Microsoft's matchers has it. Its keywords mean the same in draft 7. */
const {
  $schema: _draft,
  id: _id,
  ...sarifSchema
} = parse(
  new URL('../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json', import.meta.url),
);
const violationsOf = (schema: object) => {
  const validate = ajv.compile(schema);
  return (text: string) => (validate(JSON.parse(text)) ? [] : validate.errors);
};
const sarifViolations = violationsOf(sarifSchema);
const reportViolations = violationsOf(parse(new URL('../report.schema.json', import.meta.url)));

/** It needs no token, and answers pages of other origins. */
let open: Report;
beforeAll(async () => {
  const server = await startSound({
    open: true,
    before: ({ request }) => {
      delete request.headers.origin;
      return false;
    },
  });
  open = await examine(server.url, { only: ['authentication', 'origin', 'headers', 'ssrf', 'eras'] });
  await server.stop();
});

const ignored = (check: string, expires = '2999-01-01') => [{ check, reason: 'behind a wall', expires }];
const failed = (report: Report) =>
  report.findings.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);

describe('a report in SARIF', () => {
  test('is valid, with a rule and help for each check', () => {
    const compared = compareWith(open, { ...open, findings: [] });
    for (const report of [open, compared, ignoreIn(open, ignored('origin/foreign'), IDS)])
      expect(sarifViolations(sarifOf(report))).toEqual([]);
    expect(sarifViolations('{"version":"2.1.0","runs":[{}]}')).not.toEqual([]);
    const [run] = JSON.parse(sarifOf(open)).runs;
    expect(run.tool.driver.rules).toHaveLength(open.findings.length);
    for (const rule of run.tool.driver.rules) expect(rule.help.text.length).toBeGreaterThan(40);
    expect(run.tool.driver).toMatchObject({
      version: open.tool.version,
      properties: { commit: open.tool.commit },
    });
  });

  test('has a result for each failure and none for a doubt', () => {
    const [run] = JSON.parse(sarifOf(open)).runs;
    expect(run.results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(failed(open));
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    const doubts = open.findings.filter(({ outcome }) => outcome === 'inconclusive').length;
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(doubts);
  });

  test('has locations without a scheme, which code scanning would refuse', () => {
    const [result] = JSON.parse(sarifOf(open)).runs[0].results;
    const { uri } = result.locations[0].physicalLocation.artifactLocation;
    expect(uri).toMatch(/^127\.0\.0\.1%3A\d+\/mcp$/);
  });

  test('marks accepted failures as suppressed, with the reason', () => {
    const report = ignoreIn(open, ignored('origin/foreign'), IDS);
    const { results } = JSON.parse(sarifOf(report)).runs[0];
    const one = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'origin/foreign');
    expect(one.suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'behind a wall (until 2999-01-01)' },
    ]);
  });
});

test('a report in JSON fits the published schema', () => {
  const compared = compareWith(open, { ...open, findings: [] });
  for (const report of [open, compared, ignoreIn(open, ignored('origin/foreign'), IDS)])
    expect(reportViolations(jsonOf(report))).toEqual([]);
  expect(reportViolations(jsonOf({ ...open, extra: 1 } as Report))).not.toEqual([]);
});

test('every report names the version and the commit', () => {
  for (const write of [jsonOf, junitOf, htmlOf, sarifOf, (report: Report) => tableOf(report, false)]) {
    expect(write(open)).toContain(open.tool.version);
    expect(write(open)).toContain(open.tool.commit);
  }
});

describe('the ignore file', () => {
  test('takes a failure out of the exit code and the counts, and keeps it in the report', () => {
    const all = failed(open).flatMap((id) => ignored(id));
    const doubts = open.findings
      .filter(({ outcome }) => outcome === 'inconclusive')
      .flatMap(({ id }) => ignored(id));
    const report = ignoreIn(open, [...all, ...doubts], IDS);
    expect(exitCodeOf(open.findings)).toBe(3);
    expect(exitCodeOf(report.findings)).toBe(0);
    expect(failed(report)).toEqual(failed(open));
    expect(tableOf(report, false)).toMatch(
      /^ignored +origin\/foreign .*\(until 2999-01-01: behind a wall\)$/m,
    );
  });

  test('has no effect once it has expired, and entries without effect are named', () => {
    const entries = [
      ...ignored('origin/foreign', '2020-01-01'),
      ...ignored('no/check'),
      ...ignored('tls/encrypted'),
    ];
    const report = ignoreIn(open, entries, IDS);
    expect(report.findings.filter((finding) => finding.ignored !== undefined)).toEqual([]);
    expect(report.notes.slice(open.notes.length)).toEqual([
      'The ignore file has expired for origin/foreign on 2020-01-01.',
      'The ignore file names "no/check", which is no check.',
      'The ignore file names tls/encrypted, which did not fail.',
    ]);
  });

  test.each([
    ['{', 'it is not valid JSON'],
    ['[]', 'it must be {"ignore"'],
    ['{"ignore":[{"reason":"because of x","expires":"2030-01-01"}]}', 'entry 1 has no check'],
    [
      '{"ignore":[{"check":"a/b","reason":"no","expires":"2030-01-01"}]}',
      'must have 10 to 500 characters, got 2',
    ],
    [
      '{"ignore":[{"check":"a/b","reason":"because of x","expires":"2030-02-30"}]}',
      'must be a day as YYYY-MM-DD',
    ],
    ['{"ignore":[{"check":"a/b","reason":"because of x"}]}', 'must be a day as YYYY-MM-DD'],
    [
      '{"ignore":[{"check":"a/b","reason":"because of x","expires":"2030-01-01","x":1}]}',
      'unknown member "x"',
    ],
  ])('%s is refused', (text, error) => {
    expect(() => parseIgnored(text, 'ignore.json')).toThrow(error);
  });
});

describe('a baseline', () => {
  const earlier = (change: (findings: Report['findings']) => Report['findings']) =>
    parseBaseline(jsonOf({ ...open, findings: change(open.findings) }), 'old.json');

  test('of the same failures leaves exit code 0', () => {
    const report = compareWith(
      open,
      earlier((same) => same),
    );
    expect(report.comparison).toMatchObject({ new: [], fixed: [], unchanged: failed(open), undecided: [] });
    expect(exitCodeOf(report.findings)).toBe(0);
  });

  test('names what is new, fixed and undecided, and a higher severity is new', () => {
    const as = (id: string, more: object) => (findings: Report['findings']) =>
      findings.map((one) => (one.id === id ? { ...one, ...more } : one));
    const before = earlier((findings) =>
      [
        as('origin/foreign', { outcome: 'pass' }),
        as('origin/lookalike', { severity: 'low' }),
        as('headers/nosniff', { outcome: 'fail' }),
        as('ssrf/addresses', { outcome: 'fail' }),
      ].reduce((some, change) => change(some), findings),
    );
    const { comparison, findings } = compareWith(open, before);
    expect(comparison).toMatchObject({
      new: ['origin/foreign', 'origin/lookalike'],
      fixed: expect.arrayContaining(['headers/nosniff']),
    });
    expect(comparison?.unchanged).toContain('authentication/missing-token');
    // The high severity is in the baseline.
    expect(exitCodeOf(findings)).toBe(2);
  });

  test.each(['{', '{}', '{"version":2}', '{"version":1,"url":"x","startedAt":"y","findings":[{}]}'])(
    '%s is refused',
    (text) => {
      expect(() => parseBaseline(text, 'old.json')).toThrow('old.json is no JSON report of version 1');
    },
  );
});

test('--fail-on decides from which severity on the exit code is not 0', () => {
  const only = (severity: 'low' | 'medium' | 'high') =>
    open.findings
      .filter(({ outcome }) => outcome === 'pass')
      .concat({
        ...(open.findings.find(({ outcome }) => outcome === 'fail') as Report['findings'][number]),
        severity,
      });
  expect(exitCodeOf(only('medium'), 'high')).toBe(0);
  expect(exitCodeOf(only('high'), 'high')).toBe(3);
  expect(exitCodeOf(only('medium'), 'medium')).toBe(2);
  expect(exitCodeOf(only('high'), 'never')).toBe(0);
  const undecided = open.findings.map((one) => ({ ...one, outcome: 'inconclusive' as const }));
  expect(exitCodeOf(undecided, 'high')).toBe(1);
  expect(exitCodeOf(undecided, 'never')).toBe(0);
});

test('every finding names the requirements that it concerns', () => {
  expect(open.findings.filter(({ requirements = [] }) => requirements.length === 0)).toEqual([]);
  const [run] = JSON.parse(sarifOf(open)).runs;
  for (const rule of run.tool.driver.rules) expect(rule.properties.tags.length).toBeGreaterThan(1);
});

test('a header field is sent as access, and is in no report', async () => {
  const server = await startSound({
    before: ({ request, response }) => {
      if (request.headers['x-api-key'] !== KEY) return json(response, 401, { error: 'no key' });
      request.headers.authorization = `Bearer ${TOKEN}`;
      request.rawHeaders.push('authorization', `Bearer ${TOKEN}`);
      const { origin } = request.headers;
      return origin !== undefined && json(response, 200, { says: KEY, jsonrpc: '2.0', id: 1, result: {} });
    },
  });
  const report = await examine(server.url, {
    ...{ headers: { 'x-api-key': KEY }, patienceMs: 500 },
    only: ['authentication', 'origin', 'json-rpc'],
  });
  await server.stop();
  const outcome = (id: string) => report.findings.find((one) => one.id === id)?.outcome;
  expect(outcome('authentication/missing-token')).toBe('pass');
  expect(outcome('origin/foreign')).toBe('fail');
  for (const write of [jsonOf, junitOf, htmlOf, sarifOf]) expect(write(report)).not.toContain(KEY);
});

describe('client credentials', () => {
  const seen: { authorization: string | undefined; body: string }[] = [];
  let issuer = '';
  let named: string | undefined;
  const server = createServer(async (request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server') {
      json(response, 200, { issuer: named ?? issuer, token_endpoint: `${issuer}/token` });
      return;
    }
    let body = '';
    for await (const piece of request) body += piece;
    seen.push({ authorization: request.headers.authorization, body });
    const isRight =
      request.headers.authorization === `Basic ${Buffer.from('me:se%3Acret').toString('base64')}`;
    json(response, isRight ? 200 : 401, isRight ? { access_token: TOKEN } : { error: 'invalid_client' });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  const ask = (clientSecret: string) =>
    fetchToken({
      issuer,
      clientId: 'me',
      clientSecret,
      resource: 'https://mcp.example.com/mcp',
      scope: 'read',
    });

  test('give a token for the endpoint', async () => {
    expect(await ask('se:cret')).toBe(TOKEN);
    const form = new URLSearchParams(seen.at(-1)?.body);
    expect(Object.fromEntries(form)).toEqual({
      ...{ grant_type: 'client_credentials', resource: 'https://mcp.example.com/mcp', scope: 'read' },
    });
  });

  test('that are wrong end the run without the secret in the error', async () => {
    await expect(ask('other-secret-123')).rejects.toThrow(/gave no token \(HTTP 401, invalid_client\)$/);
  });

  test('go to no server with the metadata of another issuer', async () => {
    named = 'https://other.example.com';
    const before = seen.length;
    await expect(ask('se:cret')).rejects.toThrow('is of another issuer');
    expect(seen).toHaveLength(before);
    named = undefined;
  });
});

test('a failure can be repeated with a command that contains no secret', async () => {
  const server = await startSound({
    before: ({ request }) => {
      delete request.headers.origin;
      return false;
    },
  });
  const { findings } = await examine(server.url, { token: TOKEN, only: ['origin/foreign'] });
  await server.stop();
  const [{ repeat = '' } = {}] = findings;
  expect(repeat).toMatch(
    /^curl -i -H .* -H "authorization: Bearer \$MCP_TOKEN" .*-H 'origin: https:\/\/attacker\.example'/,
  );
  expect(repeat).toContain(` --data '{"jsonrpc":"2.0"`);
  expect(repeat.endsWith(` '${server.url}'`)).toBe(true);
  expect(repeat).not.toContain(TOKEN);
});
