import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents.ts';
import { configurationOf } from '../configurations.ts';
import { program } from '../environment.ts';

/** Codex, with the server of docs/clients.md and a provider in its configuration file. */
export const codex: Agent = {
  name: 'Codex',
  package: 'codex-linux-x64',
  prepare({ home, url, token, model }) {
    const folder = join(home, '.codex');
    mkdirSync(folder);
    const config = [
      'model = "stand-in"',
      'model_provider = "stand-in"',
      'check_for_update_on_startup = false',
      '[analytics]',
      'enabled = false',
      '[model_providers.stand-in]',
      'name = "stand-in"',
      `base_url = "${model}/v1"`,
      'wire_api = "responses"',
      'env_key = "MODEL_KEY"',
      configurationOf('Codex', { 'https://mcp.example.com/mcp': url }, 'toml').trimEnd(),
      'default_tools_approval_mode = "approve"',
    ];
    writeFileSync(join(folder, 'config.toml'), `${config.join('\n')}\n`);
    const path = program('codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex');
    const unattended = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];
    return {
      commands: [[path, 'exec', '--json', ...unattended, 'Read the pages.']],
      variables: { CODEX_HOME: folder, MODEL_KEY: 'stand-in', MCP_TOKEN: token },
    };
  },
};
