import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { leaks } from './leaks.ts';

export interface SecretsManagerStandIn {
  readonly url: string;
  /** Secrets by id; change them at will. */
  readonly secrets: Map<string, string>;
  /** The `Authorization` header of the last request: its scope names the region. */
  lastAuthorization(): string;
  /** How many values were asked for. */
  reads(): number;
  /** While set, every request is answered with this error. */
  fail(code: string | undefined): void;
  close(): Promise<void>;
}

/** Speaks as much of the Secrets Manager protocol (JSON 1.1 over HTTP) as GetSecretValue needs, on loopback. */
export async function startSecretsManager(entries: Record<string, string>): Promise<SecretsManagerStandIn> {
  const secrets = new Map(Object.entries(entries));
  let reads = 0;
  let authorization = '';
  let failure: string | undefined;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const answer = (status: number, body: object) => {
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify(body));
      };
      if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
        return answer(400, { __type: 'UnknownOperationException' });
      }
      reads += 1;
      authorization = request.headers.authorization ?? '';
      if (failure !== undefined) return answer(400, { __type: failure, message: 'arn:aws:internal detail' });
      const { SecretId } = JSON.parse(text) as { SecretId: string };
      if (SecretId.endsWith('hangs')) return undefined;
      const value = secrets.get(SecretId);
      if (value === undefined) return answer(400, { __type: 'ResourceNotFoundException' });
      leaks.document('secret of Secrets Manager', value);
      return answer(200, { ARN: SecretId, Name: SecretId, SecretString: value, VersionId: 'v1' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    lastAuthorization: () => authorization,
    reads: () => reads,
    fail: (code) => {
      failure = code;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
