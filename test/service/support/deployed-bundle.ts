import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { fixtureBundle } from '../../support/bundles.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const dockerfile = readFileSync(new URL('../../../service/Dockerfile', import.meta.url), 'utf8');

/** The Node options of the image, without the path of node and of the bundle. */
export const imageOptions = (
  JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
).slice(1, -1);

const known = (option: string) => process.allowedNodeEnvironmentFlags.has(option);

/** The same for this Node, whose permission option may have another name and which may lack SQLite, and for `dist/`. */
export const nodeOptions = imageOptions
  .filter((option) => option !== '--no-experimental-sqlite' || known(option))
  .map((option) =>
    option === '--permission' && !known(option)
      ? '--experimental-permission'
      : option.replace('/app/', `${process.cwd()}/dist/`),
  );

/**
 * Starts the deployed program as the image does.
 *
 * @param bundle its path. @default - with the fixture tools
 */
export function startBundle(
  variables: Record<string, string>,
  stdoutFd?: number,
  bundle = fixtureBundle(),
): RunningProcess {
  return startProcess(process.execPath, [...nodeOptions, bundle], variables, { stdoutFd });
}

/** The port of a bundle, once it listens. */
export async function portOf(bundle: RunningProcess): Promise<number> {
  return JSON.parse((await bundle.says(/^\{.*"event":"listening".*\}$/m))[0]).port;
}

export interface BundleAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One POST to a bundle with the host mcp.example.com. Rejects with an error that has `reusedSocket`. */
export function postToBundle(
  port: number,
  token: string,
  body: object,
  headers: Record<string, string> = {},
  agent?: Agent,
): Promise<BundleAnswer> {
  return new Promise((resolve, reject) => {
    const all = {
      host: 'mcp.example.com',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    };
    const sent = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/mcp',
        method: 'POST',
        headers: all,
        rejectUnauthorized: false,
        agent,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    sent.on('error', (error) => reject(Object.assign(error, { reusedSocket: sent.reusedSocket })));
    sent.end(JSON.stringify(body));
  });
}
