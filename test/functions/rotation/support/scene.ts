import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ListEnvironment } from '../../../../functions/rotation/environment.ts';
import { createHandler } from '../../../../functions/rotation/handler.ts';
import { createSecretStore } from '../../../../functions/rotation/secret-store.ts';
import { createHashedTokenVerifier } from '../../../../service/auth/hashed-tokens.ts';
import type { Logger } from '../../../../service/logging/logger.ts';
import { createSecretCache, type DatedSecret } from '../../../../service/secrets/secret-cache.ts';
import { createSecretSource } from '../../../../service/secrets/sources.ts';
import {
  type OnCall,
  type SecretsManagerStandIn,
  startSecretsManager,
} from '../../../service/support/secrets-manager.ts';
import { setVariables } from '../../../service/support/set-variables.ts';
import { type RunningApp, startApp } from '../../../service/support/start-app.ts';

export const START = Date.parse('2026-01-01T00:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** The value that the stack puts into a client's secret before its first rotation. */
const NO_TOKEN = 'no token yet';
const TOKENS = 'Mcp-test/tokens';
const ROTATION_KEY_ID = 'ROTATION';

/** A task: says for a token what the client would be told. */
type Task = (token: string) => Promise<number>;

export interface SceneOptions {
  /** @default - `ci` and `desk`, every 30 days, with the scope of the test tools */
  readonly clients?: ListEnvironment['clients'];
  readonly apiKeySecretId?: string;
  /** Whether an issuer issues the tokens, so that there is no list. @default false */
  readonly issuer?: boolean;
  /** Whether tasks are whole services behind HTTP, or only what decides on tokens in them. @default false */
  readonly http?: boolean;
  /** Attempts of the function's AWS client. @default 1: every failure reaches the function */
  readonly maxAttempts?: number;
}

/** A token that a client may have read, and the time until which it is valid. */
interface Issued {
  readonly clientId: string;
  readonly token: string;
  replacedAt?: number;
}

/**
 * The function and two tasks of the service over one Secrets Manager, with a clock of their own. Whenever the function
 * calls it or waits, every token that a client could still hold is tried at both tasks, and so is an unknown one, which
 * makes the tasks read the list at the worst of times.
 */
export class Scene {
  readonly graceMs = 24 * HOUR;
  time = START;
  /** Refusals of tokens that should have been accepted. */
  readonly refused: string[] = [];
  /** How often a good token was tried. */
  tried = 0;
  /** Called before and after each call of the function; may make it fail. */
  disturb: OnCall = async () => undefined;
  readonly logs: string[] = [];
  readonly store: SecretsManagerStandIn;
  readonly #apps: RunningApp[] = [];
  readonly #tasks: Task[] = [];
  readonly #issued: Issued[] = [];
  readonly #options: SceneOptions;
  readonly #resetVariables: () => void;
  clients: ListEnvironment['clients'];

  private constructor(store: SecretsManagerStandIn, options: SceneOptions) {
    this.store = store;
    this.#options = options;
    // The service's AWS client takes them from here.
    this.#resetVariables = setVariables({
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
      AWS_ACCESS_KEY_ID: 'SERVICE',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'us-east-1',
    });
    const client = { scopes: ['echo'], rotateEveryDays: 30 };
    this.clients = options.clients ?? new Map(['ci', 'desk'].map((id) => [id, client]));
    store.secrets.now = () => this.time;
    store.onCall = async (call, when) => {
      if (call.accessKeyId !== ROTATION_KEY_ID) return undefined;
      this.time += 100;
      const effect = await this.disturb(call, when);
      await this.tryAll();
      return effect;
    };
  }

  static async start(options: SceneOptions = {}): Promise<Scene> {
    const store = await startSecretsManager({});
    const scene = new Scene(store, options);
    store.secrets.set(TOKENS, '{"tokens":[]}');
    for (const id of scene.clients.keys()) store.secrets.set(secretName(id), NO_TOKEN);
    for (const index of [0, 1]) {
      if (options.http) await scene.#startHttp();
      else scene.#tasks[index] = scene.#verifierTask();
    }
    return scene;
  }

  async stop(): Promise<void> {
    for (const app of this.#apps) await app.stop();
    await this.store.close();
    this.#resetVariables();
  }

  /** The document that tasks read, parsed. */
  get list(): { clientId: string; previous?: { expiresAt: string }[]; [name: string]: unknown }[] {
    return JSON.parse(this.store.secrets.get(TOKENS) ?? '').tokens;
  }

  putList(tokens: readonly unknown[]): void {
    this.store.secrets.set(TOKENS, JSON.stringify({ tokens }));
  }

  /** The value that a client reads now. */
  tokenOf(clientId: string): string {
    return this.store.secrets.get(secretName(clientId)) ?? '';
  }

  /** One call of the function. */
  async call(event: unknown): Promise<void> {
    const log = (level: string) => (name: string, fields?: object) =>
      void this.logs.push(`${level} ${name} ${JSON.stringify(fields)}`);
    const logger: Logger = { info: log('info'), warn: log('warn'), error: log('error') };
    const pause = async (ms: number) => {
      for (let left = ms; left > 0; left -= 1000) {
        this.time += Math.min(left, 1000);
        await this.tryAll();
      }
    };
    const client = new SecretsManagerClient({
      region: 'us-east-1',
      endpoint: this.store.url,
      credentials: { accessKeyId: ROTATION_KEY_ID, secretAccessKey: 'testing' },
      maxAttempts: this.#options.maxAttempts ?? 1,
    });
    const handler = createHandler({
      list: this.#options.issuer
        ? undefined
        : {
            tokensSecretId: TOKENS,
            clientSecretPrefix: 'Mcp-test/clients/',
            clients: this.clients,
            graceMs: this.graceMs,
          },
      apiKeySecretId: this.#options.apiKeySecretId,
      store: createSecretStore(client, pause),
      now: () => this.time,
      pause,
      logger,
    });
    await handler(event).finally(() => client.destroy());
  }

  /** One step of the rotation with that token, as Secrets Manager asks for it. */
  step(clientId: string, step: string, token: string): Promise<void> {
    return this.call({ Step: step, SecretId: secretArn(secretName(clientId)), ClientRequestToken: token });
  }

  /** A rotation as Secrets Manager does it: all steps, and all of them again after a failure. */
  async rotate(clientId: string, attempts = 4): Promise<void> {
    const token = this.store.secrets.rotate(secretName(clientId));
    for (let attempt = 1; ; attempt++) {
      try {
        for (const step of STEPS) await this.step(clientId, step, token);
        return;
      } catch (error) {
        if (attempt === attempts) throw error;
        this.time += 60_000;
      }
    }
  }

  /** Starts a rotation without any step. @returns its token */
  begin(clientId: string): string {
    return this.store.secrets.rotate(secretName(clientId));
  }

  abandon(clientId: string): void {
    this.store.secrets.abandon(secretName(clientId));
  }

  versionsOfList(): number {
    return this.store.secrets.count(TOKENS);
  }

  /** The responses of both tasks to a token. */
  async ask(token: string): Promise<number[]> {
    return Promise.all(this.#tasks.map((task) => task(token)));
  }

  /** Lets time pass, with clients at work. */
  async pass(ms: number): Promise<void> {
    this.time += ms;
    await this.tryAll();
  }

  /** Tries every token that a client could still hold. */
  async tryAll(): Promise<void> {
    for (const clientId of this.clients.keys()) this.#notice(clientId);
    await this.ask(`unknown-${this.time}`);
    for (const { clientId, token, replacedAt = Number.POSITIVE_INFINITY } of this.#issued) {
      if (this.time >= replacedAt + this.graceMs) continue;
      this.tried += 1;
      const answers = await this.ask(token);
      if (answers.some((status) => status !== 200)) {
        this.refused.push(`${clientId} at ${new Date(this.time).toISOString()}: ${answers.join()}`);
      }
    }
  }

  #notice(clientId: string): void {
    const token = this.tokenOf(clientId);
    const newest = this.#issued.filter((one) => one.clientId === clientId).at(-1);
    if (['', NO_TOKEN, newest?.token].includes(token)) return;
    if (newest !== undefined) newest.replacedAt = this.time;
    this.#issued.push({ clientId, token });
  }

  #document(): (maxAgeMs?: number) => Promise<DatedSecret> {
    const quiet = () => {};
    const readSecret = createSecretCache({
      read: createSecretSource({ env: {} }),
      now: () => this.time,
      logger: { info: quiet, warn: quiet, error: quiet },
    });
    return (maxAgeMs) => readSecret.dated({ scheme: 'aws-secretsmanager', secretId: TOKENS }, maxAgeMs);
  }

  #verifierTask(): Task {
    const quiet = () => {};
    const verifier = createHashedTokenVerifier({
      document: this.#document(),
      monotonic: () => this.time,
      now: () => this.time,
      logger: { info: quiet, warn: quiet, error: quiet },
    });
    return (token) =>
      verifier.verify(token).then(
        () => 200,
        () => 401,
      );
  }

  async #startHttp(): Promise<void> {
    const document = this.#document();
    const tokenDocument = async (maxAgeMs?: number) => (await document(maxAgeMs)).value;
    const app = await startApp({ tokenDocument, now: () => this.time });
    this.#apps.push(app);
    this.#tasks.push(async (token) => {
      const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
      const response = await app.post(list, { authorization: `Bearer ${token}` });
      await response.text();
      return response.status;
    });
  }
}

export function secretName(clientId: string): string {
  return `Mcp-test/clients/${clientId}/token`;
}

export function secretArn(name: string): string {
  return `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
}
