// The command line of mcporter, with the server in its configuration.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export async function connect({ program, url, token, home, calls: [{ name }] }) {
  const folder = mkdtempSync(join(home, 'mcporter-'));
  const config = join(folder, 'mcporter.json');
  const headers = { Authorization: `Bearer ${token}` };
  writeFileSync(config, JSON.stringify({ mcpServers: { hardened: { url, headers } } }));
  function mcporter(...args) {
    const run = spawnSync(process.execPath, [program, '--config', config, ...args], {
      ...{ cwd: folder, encoding: 'utf8', maxBuffer: 8 * 1024 * 1024, timeout: 30_000 },
    });
    if (run.status !== 0) throw new Error(`${run.stdout}${run.stderr}`);
    return run.stdout;
  }
  const listed = mcporter('list', 'hardened');
  const tools = [...listed.matchAll(/^\s*function (\w+)/gm)].map(([, tool]) => tool);
  // Neither the exit code nor the list explains missing tools; the first call does.
  if (tools.length === 0) throw new Error(`${listed}\n${mcporter('call', `hardened.${name}`)}`);
  return {
    list: async () => tools,
    call: async (tool, args) => mcporter('call', `hardened.${tool}`, '--args', JSON.stringify(args)),
  };
}
