import type { Step } from './models/stand-in.ts';

/** What a client is to do. */
export interface Situation {
  /** URL of the server under test. */
  readonly url: string;
  readonly token: string;
  /** Tool calls, in order. */
  readonly calls: readonly Step[];
  /** Folder of this client alone: home, caches, configuration. */
  readonly home: string;
  /** Variables of `npm run stdio`, where the client starts the server itself. */
  readonly stdio: Readonly<Record<string, string>>;
}

/** What came of it. */
export interface Outcome {
  readonly connected: boolean;
  /** Names of the tools, as the client shows them. */
  readonly tools: readonly string[];
  /** What a model is shown of each call. */
  readonly answers: readonly string[];
  /** What the person who configured the client can read. */
  readonly said: string;
}

export interface Client {
  readonly name: string;
  /** Entry of package.json that its version comes from, or of python/requirements.txt. */
  readonly package: string;
  /** Program that it needs beside the packages; then CI does not run it. @default - none */
  readonly needs?: 'chromium' | 'python';
  /** Whether it has a token that may be wrong: not where it starts the server itself. @default true */
  readonly hasToken?: boolean;
  run(situation: Situation): Promise<Outcome>;
}
