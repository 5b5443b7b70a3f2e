import { isUnauthenticated } from '../aws-credentials.ts';

/** Operations that only read, by their names. */
const READS = /^(Get|List|Describe|Head)[A-Z]/;

/** Milliseconds for one call with its pages and retries. The SDK retries throttled requests by itself. */
const CALL_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 4;

export interface AwsOptions {
  readonly region: string;
  /** @default - AWS's, or the one of `AWS_ENDPOINT_URL` */
  readonly endpoint?: string;
  /** @default - those that the AWS CLI would use */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** @default 20000 */
  readonly callTimeoutMs?: number;
}

interface SdkClient {
  readonly middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: every client has types of its own
    add(middleware: any, options: { step: 'initialize' }): void;
  };
  destroy(): void;
}

type ClientConfig = Omit<AwsOptions, 'callTimeoutMs'> & {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
};

/** A read of AWS, with the permissions it needs. */
export interface Call<Input, Output> {
  /** IAM actions; an error names the first. */
  readonly actions: readonly [string, ...string[]];
  send(aws: Aws, input: Input, options: { readonly abortSignal: AbortSignal }): Promise<Output>;
}

/** The clients of the SDK, one for each service. None of them can send an operation that writes. */
export class Aws {
  private readonly config: ClientConfig;
  private readonly callTimeoutMs: number;
  private readonly clients = new Map<unknown, SdkClient>();
  private readonly answers = new Map<string, Promise<unknown>>();

  constructor({ callTimeoutMs = CALL_TIMEOUT_MS, ...options }: AwsOptions) {
    this.callTimeoutMs = callTimeoutMs;
    this.config = {
      ...options,
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    };
  }

  client<Client extends SdkClient>(Class: new (config: ClientConfig) => Client): Client {
    const known = this.clients.get(Class) as Client | undefined;
    if (known !== undefined) return known;
    const client = new Class(this.config);
    client.middlewareStack.add(refuseWrites, { step: 'initialize' });
    this.clients.set(Class, client);
    return client;
  }

  /** @throws AskError */
  ask<Input, Output>(call: Call<Input, Output>, input: Input): Promise<Output> {
    const key = JSON.stringify([call.actions, input]);
    const answer = (this.answers.get(key) ?? this.send(call, input)) as Promise<Output>;
    this.answers.set(key, answer);
    return answer;
  }

  destroy(): void {
    for (const client of this.clients.values()) client.destroy();
  }

  private async send<Input, Output>(call: Call<Input, Output>, input: Input): Promise<Output> {
    const abortSignal = AbortSignal.timeout(this.callTimeoutMs);
    try {
      return await call.send(this, input, { abortSignal });
    } catch (error) {
      if (error instanceof WriteRefused) throw error;
      throw new AskError(
        call.actions[0],
        error as Error,
        abortSignal.aborted ? this.callTimeoutMs : undefined,
      );
    }
  }
}

/** A check tried to write: a defect, which no report hides. */
class WriteRefused extends Error {
  override readonly name = 'WriteRefused';
}

type Handler = (args: unknown) => Promise<unknown>;

function refuseWrites(next: Handler, { commandName = '' }: { readonly commandName?: string }): Handler {
  return async (args) => {
    if (READS.test(commandName)) return next(args);
    throw new WriteRefused(`the preflight only reads, and ${commandName} does not`);
  };
}

const DENIED =
  /^(AccessDenied|AccessDeniedException|AccessDeniedError|UnauthorizedOperation|AuthorizationError|Forbidden|403)$/;

/** A call without an answer. The message says why, in one line. */
export class AskError extends Error {
  override readonly name = 'AskError';
  /** Whether AWS does not know the caller. */
  readonly unauthenticated: boolean;
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(action: string, error: Error, timeoutMs?: number) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    const said = oneLine(error.message);
    const unauthenticated = isUnauthenticated(error);
    const because =
      timeoutMs !== undefined
        ? `${action} did not answer within ${timeoutMs / 1000} s`
        : DENIED.test(error.name) || (status === 403 && !unauthenticated)
          ? `the permission ${action} is missing`
          : `${action}: ${error.name}${said === '' ? '' : `, ${said}`}`;
    super(because);
    this.unauthenticated = unauthenticated;
    this.status = status;
  }
}

/** Text of a service as one line of at most 200 characters that no terminal obeys. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
