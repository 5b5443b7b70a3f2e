/** A tool call that a stand-in asks a client for. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The parts of a model request that the stand-in needs. */
export interface Conversation {
  /** Names of the tools that the model may call, as the client names them; with a namespace after a line break. */
  readonly tools: readonly string[];
  /** The result of each call as the model receives it, in order. */
  readonly results: readonly string[];
}

/** The API of one vendor's models. */
export interface Dialect {
  /** Path of the request for an answer. */
  readonly path: RegExp;
  read(body: unknown): Conversation;
  /** The events of an answer: the call, or a final message without one. */
  answer(call: Call | undefined): readonly string[];
}

/** The text that a client shows: text unchanged, lists of parts joined, anything else as JSON. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => shown(part?.text ?? part)).join('\n');
  return JSON.stringify(value) ?? '';
}

export const LAST_WORD = 'That is all.';

/** One server-sent event. */
export const event = (data: Readonly<Record<string, unknown>>): string =>
  `${data['type'] === undefined ? '' : `event: ${data['type']}\n`}data: ${JSON.stringify(data)}\n\n`;
