import type { StageConfig } from '../../../infra/stage-config.ts';
import { NOTHING_DENIED } from '../../../service/auth/access-document.ts';
import { containerEnvironment } from '../../infra/container-environment.ts';
import { stages } from '../../infra/stages.ts';
import { template } from '../../infra/synthesize.ts';
import { portOf, startBundle } from '../../service/support/deployed-bundle.ts';
import { startSecretsManager } from '../../service/support/secrets-manager.ts';
import { entry } from '../../service/support/tokens.ts';
import { type Answer, type SendOptions, sendTo } from './send.ts';
import { type RunningEdge, startEdge } from './start-edge.ts';

export const TOKEN = 'edge-of-the-tests-0123456789-abcdef';
const AUDIT_KEY = 'k'.repeat(64);

export interface Scene {
  readonly host: string;
  /** URL for clients, with the public name and the port that replaces 443. */
  readonly url: string;
  readonly edge: RunningEdge;
  readonly servicePort: number;
  /** One request with the token. */
  send(options?: SendOptions): Promise<Answer>;
  /** Audit records so far. */
  records(): Record<string, unknown>[];
  stop(): Promise<void>;
}

/** The service's real process with the environment of the template, behind an edge that behaves like the template's. */
export async function startScene(task: StageConfig['task'] = {}): Promise<Scene> {
  const config: StageConfig = { ...stages.prod, task: { ...stages.prod.task, ...task } };
  const found = template(config);
  const variables = containerEnvironment(found);
  const secretOf = (name: string) => /^aws-secretsmanager:([^#]+)/.exec(variables[name] ?? '')?.[1] ?? '';
  const store = await startSecretsManager({
    [secretOf('MCP_AUTH_TOKENS')]: JSON.stringify({ tokens: [entry(TOKEN, 'ci', ['scrape'])] }),
    [secretOf('MCP_ACCESS_LIST')]: NOTHING_DENIED,
    [secretOf('MCP_AUDIT_KEY')]: AUDIT_KEY,
  });
  const service = startBundle({
    ...variables,
    HOST: '127.0.0.1',
    PORT: '0',
    AWS_REGION: config.region,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
  });
  const servicePort = await portOf(service);
  const host = config.domain.domainName;
  const edge = await startEdge(found, host, servicePort);

  return {
    host,
    url: `https://${host}:${edge.ports.balancer}/mcp`,
    edge,
    servicePort,
    send: ({ headers, ...options } = {}) =>
      sendTo(edge, { ...options, headers: { authorization: `Bearer ${TOKEN}`, ...headers } }),
    records: () =>
      service
        .stdout()
        .split('\n')
        .filter((line) => line.startsWith('{"type":"audit"'))
        .map((line) => JSON.parse(line)),
    async stop() {
      await edge.stop();
      service.child.kill('SIGTERM');
      await service.exited();
      await store.close();
    },
  };
}
