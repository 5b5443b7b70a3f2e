import { randomBytes } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { StageConfig } from '../../infra/stage-config.ts';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { combinations } from '../../test/infra/combinations.ts';
import { containerEnvironment } from '../../test/infra/container-environment.ts';
import { template } from '../../test/infra/templates.ts';
import { variants } from '../../test/infra/variants.ts';
import { createPlace } from '../../test/server/support/harness.ts';
import { portOf } from '../../test/service/support/deployed-bundle.ts';
import { startSecretsManager } from '../../test/service/support/secrets-manager.ts';
import { startProcess } from '../../test/service/support/start-process.ts';
import { entry, TOKENS } from '../../test/service/support/tokens.ts';
import { startSdk } from '../../test/service/upstream/servers.ts';
import { serviceBundle } from '../../test/support/bundles.ts';
import { examine } from '../src/examine.ts';
import { startWellBehaved } from './support/well-behaved.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Limits that a run of the doctor would reach. */
const NO_LIMITS = Object.fromEntries(
  ['CLIENT', 'USER', 'TOOL', 'AUTH_FAILURE'].map((name) => [`MCP_${name}_LIMIT_PER_MINUTE`, '100000']),
);

/** The value of each secret that the task of a stage refers to. */
function secretsOf(environment: Record<string, string>, scopes: string[]): Record<string, string> {
  const values: Record<string, string> = {
    MCP_AUTH_TOKENS: JSON.stringify({
      tokens: [
        entry(TOKENS.alice, 'alice', scopes),
        entry(TOKENS.bob, 'bob', scopes),
        entry(TOKENS.expired, 'carol', scopes, '2020-01-01T00:00:00Z'),
      ],
    }),
    MCP_AUDIT_KEY: randomBytes(32).toString('hex'),
    MCP_ACCESS_LIST: NOTHING_DENIED,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const [, id, key] = /^aws-secretsmanager:([^#]+)(?:#(.+))?$/.exec(environment[name] ?? '') ?? [];
      if (id === undefined) return [];
      return [[id, key === undefined ? value : JSON.stringify({ [key]: value })]];
    }),
  );
}

/**
 * The bundle with the environment that the template of a stage gives to the container, behind a stand-in for its load
 * balancer. Only the name, the limits and the addresses of AWS are of this machine.
 */
async function startStage(
  config: StageConfig,
  folder: string,
  scopes: string[],
  more: Record<string, string> = {},
) {
  const environment = containerEnvironment(template(config));
  const store = await startSecretsManager(secretsOf(environment, scopes));
  stops.push(() => store.close());
  let port = 0;
  const balancer = await startWellBehaved({ front: (request, response) => relay(request, response, port) });
  stops.push(() => balancer.stop());
  // Beside the bundle is the list of pinned tools, as in the image.
  copyFileSync(serviceBundle(), join(folder, 'main.cjs'));
  const bundle = startProcess(process.execPath, [join(folder, 'main.cjs')], {
    ...environment,
    ...NO_LIMITS,
    ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: balancer.url },
    ...{
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'secret-key-of-the-tests',
    },
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    ...more,
  });
  stops.push(() => bundle.child.kill('SIGKILL'));
  port = await portOf(bundle);
  return balancer;
}

/** As the load balancer does: TLS to the task, the header fields as they are, and the address of the client. */
function relay(request: IncomingMessage, response: ServerResponse, port: number): void {
  const to = httpsRequest(
    {
      ...{ host: '127.0.0.1', port, method: request.method, path: request.url },
      ...{ headers: [...request.rawHeaders, 'X-Forwarded-For', '10.20.0.9'], setHost: false },
      ...{ rejectUnauthorized: false, agent: false },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    },
  );
  to.on('error', () => response.destroy());
  response.on('close', () => to.destroy());
  request.pipe(to);
}

/** Findings that neither pass nor lack a feature or an option. */
async function faultsOf(server: Awaited<ReturnType<typeof startStage>>): Promise<string[]> {
  const { findings, tools } = await examine(server.url, {
    ...{ ca: server.ca, httpPort: server.httpPort, patienceMs: 5000, inject: true },
    ...{ token: TOKENS.alice, secondToken: TOKENS.bob, expiredToken: TOKENS.expired },
  });
  expect(tools.length).toBeGreaterThan(0);
  expect(findings.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(60);
  return findings
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'inconclusive')
    .map(({ id, outcome, evidence }) => `${id} ${outcome}: ${evidence}`);
}

test('the task of an internal stage holds every check', async () => {
  const place = createPlace();
  stops.push(place.remove);
  const server = await startStage(combinations.internal, place.folder, ['scrape'], {
    SCRAPE_TIMEOUT_MS: '1000',
  });
  expect(await faultsOf(server)).toEqual([]);
}, 120_000);

test('the task of a stage with a server of its own, on the official SDK, holds every check', async () => {
  const behind = await startSdk(() => {
    const server = new McpServer({ name: 'behind', version: '1.0.0' });
    server.registerTool(
      'echo',
      {
        description: 'Echoes a text',
        inputSchema: z.strictObject({ text: z.string().max(100) }),
        annotations: { readOnlyHint: true },
      },
      ({ text }) => ({ content: [{ type: 'text', text }] }),
    );
    return server;
  });
  stops.push(behind.stop);
  const place = createPlace();
  stops.push(place.remove);
  await place.pin(behind.url.href);
  expect(place.lock().tools).toMatchObject([{ name: 'echo', scopes: ['echo'] }]);
  const server = await startStage(variants.smallestServer, place.folder, ['echo'], {
    MCP_SERVER_URL: behind.url.href,
    AUDIT_KEY: randomBytes(32).toString('hex'),
  });
  expect(await faultsOf(server)).toEqual([]);
  expect(behind.seen.some(({ message }) => message.method === 'tools/call')).toBe(true);
}, 120_000);
