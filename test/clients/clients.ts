import { servedFolder } from '../support/page-tool.ts';
import { claudeCode } from './agents/claude-code.ts';
import { codex } from './agents/codex.ts';
import { geminiCli } from './agents/gemini-cli.ts';
import { opencode } from './agents/opencode.ts';
import { agent } from './agents.ts';
import { inChromium } from './browsers.ts';
import type { Client } from './client.ts';
import { serverOf } from './configurations.ts';
import { CLIENT_NODE, program } from './environment.ts';
import { library, python } from './libraries.ts';

/** Starts the service on standard input and output. */
const STDIO = serverOf('stdio', { '/path/to/hardened-mcp': servedFolder() });

const OLD_SDKS = ['10', '13', '15', '17', '20', '22', '24', '27', '29'].map((minor) => `mcp-sdk-1-${minor}`);

const gateway = (name: string, path: string, more: (command: readonly string[]) => readonly string[]) => ({
  ...library(name, name, 'gateway', ({ stdio }) => ({
    ...{
      command: CLIENT_NODE,
      args: [program(path), ...more([STDIO.command, ...STDIO.args])],
      variables: stdio,
    },
    url: 'http://127.0.0.1:8090/mcp',
  })),
  hasToken: false,
});

/** Every client, in the order of the table. */
export const CLIENTS: readonly Client[] = [
  ...OLD_SDKS.map((entry) => library('TypeScript SDK v1', entry, 'sdk-v1')),
  library('TypeScript SDK v2', '@modelcontextprotocol/client', 'sdk-v2'),
  library('mcp-remote', 'mcp-remote', 'bridge', ({ url, token }) => {
    const replaced = { 'https://mcp.example.com/mcp': url, TOKEN: token };
    const { args, env } = serverOf('mcp-remote', replaced);
    // Without npx, which would ask a registry.
    return {
      command: CLIENT_NODE,
      args: [program('mcp-remote/dist/proxy.js'), ...args.slice(2)],
      variables: env,
    };
  }),
  {
    ...library('stdio configuration', 'mcp-sdk-1-29', 'bridge', ({ stdio }) => ({
      ...{ command: STDIO.command, args: STDIO.args, variables: stdio },
    })),
    hasToken: false,
  },
  gateway('supergateway', 'supergateway/dist/index.js', (command) => [
    ...['--stdio', command.join(' '), '--outputTransport', 'streamableHttp', '--stateful', '--port', '8090'],
  ]),
  gateway('mcp-proxy', 'mcp-proxy/dist/bin/mcp-proxy.mjs', (command) => [
    ...['--port', '8090', '--server', 'stream', '--', ...command],
  ]),
  ...['mcporter-0-9', 'mcporter'].map((entry) =>
    library('mcporter', entry, 'mcporter', () => ({ program: program(`${entry}/dist/cli.js`) })),
  ),
  library('AI SDK', 'ai-sdk-mcp-1', 'ai-sdk'),
  library('AI SDK', '@ai-sdk/mcp', 'ai-sdk'),
  library('LangChain JS', '@langchain/mcp-adapters', 'langchain'),
  library('OpenAI Agents', '@openai/agents', 'openai-agents'),
  library('Mastra', '@mastra/mcp', 'mastra'),
  library('mcp-use', 'mcp-use', 'mcp-use'),
  python('Python SDK', 'mcp'),
  python('FastMCP', 'fastmcp'),
  inChromium('TypeScript SDK v1 in Chromium', 'mcp-sdk-1-29'),
  inChromium('TypeScript SDK v2 in Chromium', '@modelcontextprotocol/client'),
  ...[claudeCode, codex, geminiCli, opencode].map(agent),
];
