import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents.ts';
import { configurationOf } from '../configurations.ts';
import { CLIENT_NODE, program } from '../environment.ts';

/** Gemini CLI, with the server of docs/clients.md and a key of the Gemini API. */
export const geminiCli: Agent = {
  name: 'Gemini CLI',
  package: '@google/gemini-cli',
  prepare({ home, url, token, model }) {
    mkdirSync(join(home, '.gemini'));
    const replaced = { 'https://mcp.example.com/mcp': url, TOKEN: token };
    const { mcpServers } = JSON.parse(configurationOf('Gemini CLI', replaced));
    const settings = {
      mcpServers: { hardened: { ...mcpServers.hardened, trust: true } },
      security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
      general: { disableAutoUpdate: true, disableUpdateNag: true },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    };
    writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify(settings));
    const gemini = [CLIENT_NODE, program('@google/gemini-cli/bundle/gemini.js')];
    return {
      commands: [
        [...gemini, 'mcp', 'list'],
        [...gemini, '--debug', '--yolo', '--model', 'gemini-2.5-pro', '--prompt', 'Read the pages.'],
      ],
      variables: {
        GEMINI_API_KEY: 'stand-in',
        GOOGLE_GEMINI_BASE_URL: model,
        GEMINI_CLI_NO_RELAUNCH: 'true',
      },
    };
  },
};
