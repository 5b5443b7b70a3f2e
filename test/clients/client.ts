import type { Step } from './models/stand-in.ts';

/** The work of one client. */
export interface Situation {
  /** URL of the server under test. */
  readonly url: string;
  readonly token: string;
  /** Tool calls, in order. */
  readonly calls: readonly Step[];
  /** Folder for this client only: home, caches, configuration. */
  readonly home: string;
  /** Variables of `npm run stdio`, if the client starts the server itself. */
  readonly stdio: Readonly<Record<string, string>>;
}

/** The outcome of the work. */
export interface Outcome {
  readonly connected: boolean;
  /** Names of the tools, as the client shows them. */
  readonly tools: readonly string[];
  /** The result of each call as the model receives it. */
  readonly answers: readonly string[];
  /** Text that the person who configured the client can read. */
  readonly said: string;
}

export interface Client {
  readonly name: string;
  /** Entry of package.json that states its version, or of python/requirements.txt. */
  readonly package: string;
  /** Program that it needs besides the packages; CI then skips it. @default - none */
  readonly needs?: 'chromium' | 'python';
  /** Whether it has a token that may be wrong; not if it starts the server itself. @default true */
  readonly hasToken?: boolean;
  run(situation: Situation): Promise<Outcome>;
}
