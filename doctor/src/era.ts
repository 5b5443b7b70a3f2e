import type { Reaction } from './answers.ts';
import type { Answer } from './exchange.ts';
import type { Message } from './messages.ts';

/** One generation of the protocol that the server speaks: 2026-07-28, or the revisions with a handshake. */
export interface Era {
  /** The revision, for example `2025-11-25`. */
  readonly name: string;
  readonly isModern: boolean;
  /** `server/discover` or `initialize`. */
  readonly hello: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** The method that the checks alter: the first list that the server answers. */
  readonly base: string;
  /** Whether `base` succeeded with the doctor's own access. */
  readonly isServed: boolean;
  /** The response to `base` with the doctor's own access. */
  readonly full: Answer;
  /** The reaction to `base` without a token. */
  readonly access: Reaction;
  /** The response to `base` without a token. */
  readonly bare: Answer;
  /** The response to `hello` without a token. */
  readonly bareHello: Answer;
  /** The session that `hello` opened without a token. */
  readonly bareSession: string | undefined;
  /** The current session of the doctor. */
  readonly session: string | undefined;
  /** Creates a request with the session of the doctor. */
  message(method: string, params?: Readonly<Record<string, unknown>>): Message;
  helloMessage(): Message;
  /** Opens a new session. */
  renew(): Promise<void>;
}
