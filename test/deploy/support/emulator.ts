import { spawnSync } from 'node:child_process';
import { freePort } from '../../service/support/free-port.ts';
import { startProcess } from '../../service/support/start-process.ts';
import { until } from '../../service/support/until.ts';

export const ACCOUNT = '123456789012';

/** An emulator of AWS on loopback without persistent state. */
export interface Emulator {
  /** With the name `localhost`: with an address it would not find the bucket of a template. */
  readonly url: string;
  /** Environment variables that make a program use it instead of AWS. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lines of its log about requests that it could not serve. */
  failures(): string[];
  /** One request of a JSON API. @throws Error with the answer unless it is a success */
  json(service: string, target: string, input: object): Promise<Record<string, unknown>>;
  /** One request of an API that speaks XML: a form for `/`, a document for a path, or a GET. @throws as above */
  xml(service: string, path: string, body?: string): Promise<string>;
  stop(): Promise<void>;
}

/** @throws Error when moto's server is not installed, with the command that installs it */
export async function startEmulator(region: string): Promise<Emulator> {
  if (spawnSync('moto_server', ['--help']).status !== 0)
    throw new Error("moto's server is not on the PATH; pip install 'moto[server]==5.2.1'");
  const port = await freePort();
  const server = startProcess('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    PYTHONUNBUFFERED: '1',
    // The test lists unsupported resources; the emulator would warn hundreds of times.
    PYTHONWARNINGS: 'ignore',
  });
  const url = `http://localhost:${port}`;
  await until(() => server.stderr().includes('Running on'), server.stderr);

  async function send(service: string, path: string, headers: Record<string, string>, body?: string) {
    const scope = `${ACCOUNT}/20260101/${region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
    const response = await fetch(new URL(path, url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, authorization },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text.slice(0, 1000)}`);
    return text;
  }

  return {
    url,
    variables: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    failures: () => server.stderr().match(/^.*" 5\d\d -$/gm) ?? [],
    async json(service, target, input) {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      return JSON.parse(await send(service, '/', headers, JSON.stringify(input)));
    },
    xml: (service, path, body) =>
      send(
        service,
        path,
        { 'content-type': path === '/' ? 'application/x-www-form-urlencoded' : 'application/xml' },
        body,
      ),
    async stop() {
      server.child.kill('SIGTERM');
      await server.exited();
    },
  };
}
