import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { onStopRequest } from '../service/serve/stop-request.ts';
import { readArguments } from './arguments.ts';

const USAGE = `usage: npm run dev
Runs npm start (see npm start -- --help) and restarts it when a source file changes. The token stays the same.`;

readArguments(USAGE, {}, () => {});

// biome-ignore lint/style/noProcessEnv: the server gets the same environment
const variables = process.env;
const hasTokens = variables['MCP_AUTH_TOKENS'] || variables['MCP_AUTH_MODE'] === 'oauth';
const token = variables['MCP_DEV_TOKEN'] || randomBytes(32).toString('base64url');
// Not node --watch, which misses a file that an editor replaces instead of overwriting it.
const watch = fileURLToPath(import.meta.resolve('tsx/cli'));
const server = spawn(process.execPath, [watch, 'watch', '--clear-screen=false', 'service/main.ts', 'local'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...variables, ...(!hasTokens && { MCP_DEV_TOKEN: token }) },
  stdio: 'inherit',
});
// The server exits by itself after it has drained.
onStopRequest(() => server.kill('SIGTERM'), variables['npm_lifecycle_event']);
server.on('exit', (code) => process.exit(code ?? 0));
