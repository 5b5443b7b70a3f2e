import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { leaks } from './leaks.ts';
import { SecretsManagerError, SecretVersions } from './secret-versions.ts';

/** One request of a client of Secrets Manager. */
export interface SecretsManagerCall {
  /** Such as `GetSecretValue`. */
  readonly operation: string;
  readonly secretId: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key of the request's signature. */
  readonly accessKeyId: string;
}

/**
 * Receives every call, before and after it takes effect. `fail` before: it has no effect. `fail` after: it takes
 * effect, and its response is lost. In both cases the client gets an error 500. `throttle` before: it has no effect, and
 * the client gets a ThrottlingException.
 */
export type OnCall = (
  call: SecretsManagerCall,
  when: 'before' | 'after',
) => Promise<'fail' | 'throttle' | undefined>;

export interface SecretsManagerStandIn {
  readonly url: string;
  /** The secrets; change them at will. */
  readonly secrets: SecretVersions;
  /** The `Authorization` header of the last request; its scope contains the region. */
  lastAuthorization(): string;
  /** Number of values that were read. */
  reads(): number;
  /** While set, every request gets this error. */
  fail(code: string | undefined, message?: string): void;
  onCall: OnCall;
  close(): Promise<void>;
}

const OPERATIONS = {
  GetSecretValue: 'getSecretValue',
  PutSecretValue: 'putSecretValue',
  UpdateSecretVersionStage: 'updateSecretVersionStage',
  DescribeSecret: 'describeSecret',
  ListSecretVersionIds: 'listSecretVersionIds',
} as const;

/** The part of the Secrets Manager protocol (JSON 1.1 over HTTP) that reading and rotating need, on loopback. */
export async function startSecretsManager(entries: Record<string, string>): Promise<SecretsManagerStandIn> {
  const secrets = new SecretVersions();
  for (const [id, value] of Object.entries(entries)) secrets.set(id, value);
  let reads = 0;
  let authorization = '';
  let failure: { readonly __type: string; readonly message: string } | undefined;

  async function answerTo(call: SecretsManagerCall): Promise<[status: number, body: object] | undefined> {
    const method = OPERATIONS[call.operation as keyof typeof OPERATIONS];
    if (method === undefined) return [400, { __type: 'UnknownOperationException' }];
    if (call.operation === 'GetSecretValue') reads += 1;
    if (failure !== undefined) return [400, failure];
    if (call.secretId.endsWith('hangs')) return undefined;
    const lost: [number, object] = [500, { __type: 'InternalServiceError' }];
    const effect = await standIn.onCall(call, 'before');
    if (effect === 'fail') return lost;
    if (effect === 'throttle') return [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }];
    try {
      const body = secrets[method](call.input);
      return (await standIn.onCall(call, 'after')) === 'fail' ? lost : [200, body];
    } catch (error) {
      if (!(error instanceof SecretsManagerError)) throw error;
      return [400, { __type: error.code, message: error.message }];
    }
  }

  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', async () => {
      authorization = request.headers.authorization ?? '';
      const operation = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
      const [, accessKeyId = ''] = /Credential=([^/]+)/.exec(authorization) ?? [];
      const input = JSON.parse(text);
      const answer = await answerTo({ operation, secretId: input.SecretId, input, accessKeyId });
      if (answer === undefined) return;
      const { SecretString } = answer[1] as { SecretString?: unknown };
      if (typeof SecretString === 'string') leaks.document('secret of Secrets Manager', SecretString);
      response
        .writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(answer[1]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: SecretsManagerStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    lastAuthorization: () => authorization,
    reads: () => reads,
    fail: (code, message = 'arn:aws:internal detail') => {
      failure = code === undefined ? undefined : { __type: code, message };
    },
    onCall: async () => undefined,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return standIn;
}
