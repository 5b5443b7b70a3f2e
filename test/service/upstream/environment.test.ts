import { describe, expect, test } from '@jest/globals';
import { type EnvironmentError, parseEnvironment } from '../../../service/environment.ts';

function problems(variables: Record<string, string>): readonly string[] {
  try {
    // Without the tools of a fork, which may need values.
    parseEnvironment('local', variables, []);
    return [];
  } catch (error) {
    return (error as EnvironmentError).problems;
  }
}

describe('the variables of a server behind this one', () => {
  test.each([
    'http://192.168.1.5:8000/mcp',
    'https://mcp.example.com/mcp',
    'http://user:hunter2@127.0.0.1:8000/mcp',
    'ftp://127.0.0.1/mcp',
    '127.0.0.1:8000',
  ])('the server behind this one may not be at %s', (url) => {
    const [problem = ''] = problems({ MCP_SERVER_URL: url });
    expect(problem).toMatch(/^MCP_SERVER_URL must be a loopback URL without credentials/);
    expect(problem).not.toContain('hunter2');
  });

  test('MCP_SERVER_SESSION alone has no meaning', () => {
    expect(problems({ MCP_SERVER_SESSION: 'shared' })).toEqual([
      'MCP_SERVER_SESSION needs MCP_SERVER_URL; set that or remove it',
    ]);
  });
});
