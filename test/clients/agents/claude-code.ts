import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents.ts';
import { configurationOf } from '../configurations.ts';
import { program } from '../environment.ts';

/** Claude Code, with the `.mcp.json` of docs/clients.md. */
export const claudeCode: Agent = {
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code-linux-x64',
  prepare({ home, url, token, model }) {
    const config = join(home, '.mcp.json');
    writeFileSync(config, configurationOf('Claude Code', { 'https://mcp.example.com/mcp': url }));
    const claude = program('@anthropic-ai/claude-code-linux-x64/claude');
    const add = [
      'mcp',
      'add',
      '--transport',
      'http',
      'hardened',
      url,
      '--header',
      `Authorization: Bearer ${token}`,
    ];
    return {
      commands: [
        [claude, ...add],
        [claude, 'mcp', 'list'],
        [
          ...[claude, '--print', 'Read the pages.', '--model', 'claude-sonnet-4-5', '--mcp-config', config],
          ...[
            '--strict-mcp-config',
            '--allowedTools',
            'mcp__hardened-mcp',
            '--output-format',
            'stream-json',
            '--verbose',
          ],
        ],
      ],
      variables: {
        MCP_TOKEN: token,
        ANTHROPIC_BASE_URL: model,
        ANTHROPIC_API_KEY: 'stand-in',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_TELEMETRY: '1',
        // Otherwise the stand-in would have to search for the tools first.
        ENABLE_TOOL_SEARCH: 'false',
      },
    };
  },
};
