import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edgeOptions } from '../faults/support/edge-options.ts';
import { TASK_HEAP } from '../faults/support/smallest-task.ts';
import { nodeOptions, portOf } from '../service/support/deployed-bundle.ts';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';
import { servedBundle } from '../support/page-tool.ts';
import { type Pages, startPages } from './pages.ts';
import { type Rotation, startRotation } from './rotation.ts';

export interface Service {
  readonly server: RunningProcess;
  readonly port: number;
  readonly pages: Pages;
  readonly rotation: Rotation;
  readonly audit: { readonly file: string; readonly key: string };
  /** Number of secret values that were read. */
  reads(): number;
  /** Stops its dependencies, and removes the audit log. */
  close(): Promise<void>;
}

/** The deployed program on this Node.js with the smallest task's heap, and pages and a secrets store on loopback. */
export async function startService(clients: number): Promise<Service> {
  const key = randomBytes(32).toString('hex');
  const pages = await startPages();
  const store = await startSecretsManager({ 'mcp/audit': JSON.stringify({ key }) });
  const rotation = startRotation(store, 'mcp/tokens', clients);
  const directory = mkdtempSync(join(tmpdir(), 'mcp-soak-'));
  const file = join(directory, 'audit.log');
  const log = openSync(file, 'w');
  const server = startProcess(
    process.execPath,
    [...nodeOptions, ...TASK_HEAP, ...edgeOptions, servedBundle()],
    {
      ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' },
      MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/tokens',
      MCP_AUDIT_KEY: 'aws-secretsmanager:mcp/audit#key',
      ...{ AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests' },
      // Above the load, because limits are not tested here.
      ...{ MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '100000' },
      MCP_AUTH_FAILURE_LIMIT_PER_MINUTE: '100000',
      SCRAPE_ALLOWED_DOMAINS: 'page.example.com',
      FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
      FAULT_HOSTS: JSON.stringify({ '93.184.216.34': pages.port }),
    },
    { stdoutFd: log },
  );
  closeSync(log);
  return {
    ...{ server, pages, rotation, audit: { file, key } },
    port: await portOf(server),
    reads: store.reads,
    async close() {
      pages.close();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}
