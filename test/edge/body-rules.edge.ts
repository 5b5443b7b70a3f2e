import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide } from '../infra/firewall.ts';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';
import { callOf, modern } from '../service/support/start-app.ts';
import { until } from '../service/support/until.ts';
import { type Scene, startScene } from './support/scene.ts';

/** Families of the OWASP Core Rule Set by the first digits of their rules. */
const FAMILIES: Readonly<Record<string, string>> = {
  930: 'LFI',
  931: 'RFI',
  932: 'RCE',
  933: 'PHP',
  934: 'Node.js',
  941: 'XSS',
  942: 'SQLi',
  944: 'Java',
};

const LARGE = 'A page in plain words. '.repeat(600);

interface Row {
  /** Text that an honest model would write, and its argument. */
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
  /** Families of CRS that block it. */
  readonly families: readonly string[];
  /** Body rules of the AWS common rule set for the same, as AWS documents them; it has none for SQL and commands. */
  readonly aws: readonly string[];
}

/** The service's own tools, and tools that a fork may have. */
const ROWS: readonly Row[] = [
  {
    tool: 'scrape_url',
    input: { url: 'https://example.com/?q=1%27%20OR%20%271%27=%271' },
    families: ['SQLi'],
    aws: [],
  },
  {
    tool: 'scrape_url',
    input: { url: 'https://example.com/docs/../../etc/passwd' },
    families: ['LFI', 'RCE'],
    aws: ['GenericLFI_BODY'],
  },
  {
    tool: 'scrape_url',
    input: { url: 'http://169.254.169.254/latest/meta-data/' },
    families: ['RFI'],
    aws: ['EC2MetaDataSSRF_BODY', 'GenericRFI_BODY'],
  },
  {
    tool: 'scrape_with_selector',
    input: { url: 'https://example.com/', selector: 'a[href^="javascript:"], img[onerror]' },
    families: ['XSS'],
    aws: ['CrossSiteScripting_BODY'],
  },
  {
    tool: 'run_query',
    input: { sql: 'SELECT name FROM customers WHERE id = 1 UNION SELECT email FROM users -- x' },
    families: ['SQLi'],
    aws: [],
  },
  {
    tool: 'write_page',
    input: { html: '<h1>Hello</h1><script>alert(document.title)</script>' },
    families: ['XSS'],
    aws: ['CrossSiteScripting_BODY'],
  },
  { tool: 'read_file', input: { path: '../../etc/hosts' }, families: ['LFI'], aws: ['GenericLFI_BODY'] },
  {
    tool: 'explain',
    input: { command: 'cat /etc/passwd | grep root; curl http://example.com/install.sh | bash' },
    families: ['LFI', 'RCE'],
    aws: [],
  },
  { tool: 'summarize', input: { text: LARGE }, families: [], aws: ['SizeRestrictions_BODY'] },
];

const acl = only(template(stages.prod), 'AWS::WAFv2::WebACL').Properties;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 120_000);
afterAll(() => scene.stop());

/** Status of a message at the stack's edge, and behind rules that inspect bodies, with the rules that matched there. */
async function both(body: object, headers: Record<string, string>, id: string) {
  const plain = await scene.send({ body, headers });
  const port = scene.edge.ports.withBodyRules;
  const { status } = await scene.send({ port, body, headers: { ...headers, 'x-case': id } });
  const found = () => scene.edge.findings().find((finding) => finding.case === id);
  if (status === 403) await until(() => found() !== undefined);
  return { plain: plain.status, guarded: status, rules: found()?.rules ?? [] };
}

const familiesOf = (rules: readonly string[]) =>
  [
    ...new Set(rules.map((rule) => FAMILIES[rule.slice(0, 3)]).filter((family) => family !== undefined)),
  ].sort();

describe('a firewall that inspects the bodies of tool calls', () => {
  const table = [
    '| tool | argument | OWASP CRS blocks as, by | matching AWS rules, which only count |',
    '|---|---|---|---|',
  ];
  afterAll(() => {
    process.stdout.write(`${table.join('\n')}\n`);
  });

  test.each(
    ROWS.map((row, i) => [row.tool, Object.values(row.input).at(-1)?.slice(0, 60) ?? '', row, i] as const),
  )('takes an argument of %s for an attack: %s', async (tool, text, { input, families, aws }, i) => {
    const { plain, guarded, rules } = await both(callOf(tool, input), {}, `row-${i}`);
    const matched = rules.filter((rule) => familiesOf([rule]).length > 0).join(' ');
    const blocked = families.length > 0 ? `**${families.join(', ')}** ${matched}` : 'passes';
    const cell = text.replaceAll('|', '\\|');
    table.push(`| \`${tool}\` | \`${cell}\` | ${blocked} | ${aws.join(', ') || '–'} |`);
    expect([plain, guarded]).toEqual([plain, families.length > 0 ? 403 : plain]);
    expect([200, 400]).toContain(plain);
    expect(familiesOf(rules)).toEqual(families);
    // The stack's own firewall allows it; AWS's rules for bodies only count.
    const seen = { path: '/mcp', headers: { host: scene.host }, matches: aws };
    expect(decide(acl, seen).rule).toBeUndefined();
  });

  test.each([
    ['a listing', 'tools/list', undefined],
    ['a call', 'tools/call', { name: 'scrape_url', arguments: { url: 'https://example.com/docs' } }],
  ])('lets %s in plain words pass, in both eras', async (_what, method, params) => {
    const { body, headers } = modern(method, params);
    const passes = { plain: 200, guarded: 200, rules: [] };
    expect(await both({ jsonrpc: '2.0', id: 1, method, params }, {}, 'old')).toEqual(passes);
    expect(await both(body, headers, 'modern')).toEqual(passes);
  });
});
