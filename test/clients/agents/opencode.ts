import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents.ts';
import { configurationOf } from '../configurations.ts';
import { program } from '../environment.ts';

/** opencode, with the server of docs/clients.md and a provider that speaks chat completions. */
export const opencode: Agent = {
  name: 'opencode',
  package: 'opencode-linux-x64',
  prepare({ home, url, token, model }) {
    const options = { baseURL: `${model}/v1`, apiKey: 'stand-in' };
    const limit = { context: 2_000_000, output: 4096 };
    const models = { model: { name: 'stand-in', tool_call: true, limit } };
    const provider = { npm: '@ai-sdk/openai-compatible', name: 'stand-in', options, models };
    const config = {
      provider: { standin: provider },
      model: 'standin/model',
      small_model: 'standin/model',
      autoupdate: false,
      share: 'disabled',
      ...JSON.parse(configurationOf('opencode', { 'https://mcp.example.com/mcp': url, TOKEN: token })),
    };
    writeFileSync(join(home, 'opencode.json'), JSON.stringify(config));
    const path = program('opencode-linux-x64/bin/opencode');
    return {
      commands: [
        [path, 'mcp', 'list'],
        [path, 'run', '--print-logs', 'Read the pages.'],
      ],
      variables: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
    };
  },
};
