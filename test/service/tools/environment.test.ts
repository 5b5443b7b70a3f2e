import { beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { checkCaCertificates } from '../../../service/environment/ca-certificates.ts';
import { EnvironmentError, parseEnvironment } from '../../../service/environment.ts';
import type { ToolDefinition } from '../../../service/tools/definition.ts';
import { fetchPageTool } from '../../support/fetch-page.ts';
import { greetTool, ORDER_VALUES, orderTool } from '../../support/fixture-tools.ts';

const definitions = [orderTool, greetTool];
const parse = (variables: Record<string, string>, listed: readonly ToolDefinition[] = definitions) =>
  parseEnvironment('local', variables, listed);

function problems(variables: Record<string, string>, listed?: readonly ToolDefinition[]): readonly string[] {
  try {
    parse(variables, listed);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}
const CONFIG = JSON.stringify({ order: ORDER_VALUES.values });

describe('MCP_TOOLS and MCP_TOOL_CONFIG', () => {
  test('give the tools to serve with their values, in the order of their names', () => {
    const { tools } = parse({ MCP_TOOL_CONFIG: CONFIG });
    expect(tools.map(({ definition }) => definition.name)).toEqual(['greet', 'order']);
    expect(tools[1]?.config.settings).toMatchObject({ apiHost: 'api.corp.example', table: 'orders' });
    expect(parse({ MCP_TOOLS: 'greet' }).tools.map(({ definition }) => definition)).toEqual([greetTool]);
  });

  test('serve no tool with a server behind this one, unless they are named', () => {
    const server = { MCP_SERVER_URL: 'http://127.0.0.1:8000/mcp' };
    expect(parse(server).tools).toEqual([]);
    expect(parse({ ...server, MCP_TOOLS: 'greet' }).tools).toHaveLength(1);
  });

  test('decide whether SCRAPE_* variables have an effect: without a tool that reads pages each is refused by name', () => {
    const pages = { SCRAPE_ENGINE: 'direct', SCRAPE_ALLOWED_DOMAINS: 'example.com' };
    const all = [greetTool, fetchPageTool];
    expect(() => parseEnvironment('local', pages, all)).not.toThrow();
    const why = 'has no effect here, because no tool that is served reads pages; remove it';
    for (const [name, value] of [
      ['MCP_TOOLS', 'greet'],
      ['MCP_SERVER_URL', 'http://127.0.0.1:8000/mcp'],
    ] as const) {
      expect(problems({ [name]: value, ...pages }, all)).toEqual([
        `SCRAPE_ENGINE ${why}`,
        `SCRAPE_ALLOWED_DOMAINS ${why}`,
      ]);
    }
    // A misspelled tool is the only problem.
    expect(problems({ MCP_TOOLS: 'fetch_pag', ...pages }, all)).toEqual([
      'MCP_TOOLS names fetch_pag (did you mean fetch_page?); tools of this service: greet, fetch_page',
    ]);
    // As service/compose.yaml passes a variable that the shell does not have.
    expect(problems({ MCP_TOOLS: 'greet', SCRAPE_ALLOWED_DOMAINS: '' }, all)).toEqual([]);
  });

  test('have their problems reported with those of all other variables', () => {
    expect(
      problems({
        PORT: 'x',
        MCP_TOOLS: 'greet, order',
        MCP_TOOL_CONFIG: '{"order":{"deadline":1},"gret":{}}',
      }),
    ).toEqual([
      'PORT must be a whole number from 0 to 65535, got "x"',
      'MCP_TOOL_CONFIG: gret is not a tool (did you mean greet?); tools: order, greet',
      'MCP_TOOL_CONFIG: order.deadline is not a member (did you mean deadlineMs?); members: settings, secrets, deadlineMs, limitPerMinute',
      'MCP_TOOL_CONFIG: order.settings.apiHost is required: Host of the order API',
      'MCP_TOOL_CONFIG: order.secrets.apiKey is required: the reference of a secret',
      'MCP_TOOL_CONFIG: order.secrets.signingKey is required: the reference of a secret',
    ]);
    expect(problems({ MCP_TOOLS: 'greeet' })).toEqual([
      'MCP_TOOLS names greeet (did you mean greet?); tools of this service: order, greet',
    ]);
  });

  test.each([
    ['hunter2', 'must be JSON'],
    ['[]', 'must be a JSON object with a member for each tool'],
    ['null', 'must be a JSON object with a member for each tool'],
    [`{"order":"${'x'.repeat(32 * 1024)}"}`, 'must have at most 32768 characters'],
  ])('%.20s is refused without repeating it', (text, rule) => {
    expect(problems({ MCP_TOOL_CONFIG: text })).toEqual([`MCP_TOOL_CONFIG ${rule}, (value hidden)`]);
  });
});

describe('MCP_CA_CERTIFICATES', () => {
  let authority: string;
  let leaf: string;
  let key: string;
  beforeAll(async () => {
    const make = (cA: boolean) =>
      generate([{ name: 'commonName', value: 'corp' }], {
        ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
        extensions: [{ name: 'basicConstraints', cA }],
      } as Parameters<typeof generate>[1]);
    const pems = await make(true);
    authority = pems.cert.trim();
    key = pems.private;
    leaf = (await make(false)).cert;
  });

  test('may have several authorities', () => {
    const pem = `${authority}\n${authority}\n`;
    expect(parse({ MCP_CA_CERTIFICATES: pem, MCP_TOOLS: ',' }).caCertificates).toBe(pem);
    expect(parse({ MCP_TOOLS: ',' }).caCertificates).toBeUndefined();
  });

  test('is refused if it is anything else, without repeating it', () => {
    const cases: [string, RegExp][] = [
      ['hunter2', /got 0 certificates$/],
      [`${authority}\nhunter2`, /got text besides them$/],
      [`${authority}\n${key}`, /without a private key$/],
      [leaf, /certificate 1 is not that of an authority$/],
      [authority.replace(/\n[A-Za-z0-9+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), /certificate 1 cannot be read$/],
      [`${authority}\n`.repeat(21), /got 21 certificates$/],
      ['x'.repeat(32 * 1024 + 1), /got 32769 characters$/],
    ];
    for (const [pem, rule] of cases) {
      expect(() => checkCaCertificates(pem)).toThrow(rule);
      const [problem = ''] = problems({ MCP_CA_CERTIFICATES: pem, MCP_TOOLS: ',' });
      expect(problem).toMatch(
        /^MCP_CA_CERTIFICATES must be PEM text of 1 to 20 CA certificates .*\(value hidden\)$/,
      );
      expect(problem).not.toContain('hunter2');
    }
  });
});
