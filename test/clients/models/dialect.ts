/** A tool call that a stand-in asks a client for. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a request to a model holds, for our purpose. */
export interface Conversation {
  /** Names of the tools that the model may call, as the client calls them; with its namespace after a line break. */
  readonly tools: readonly string[];
  /** What the model is shown of each call's result, in order. */
  readonly results: readonly string[];
}

/** The API of one vendor's models. */
export interface Dialect {
  /** Path of the request that asks for an answer. */
  readonly path: RegExp;
  read(body: unknown): Conversation;
  /** The events of an answer: the call, or a last word without one. */
  answer(call: Call | undefined): readonly string[];
}

/** The text of what a client shows: text as it is, lists of parts joined, anything else as JSON. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => shown(part?.text ?? part)).join('\n');
  return JSON.stringify(value) ?? '';
}

export const LAST_WORD = 'That is all.';

/** One server-sent event. */
export const event = (data: Readonly<Record<string, unknown>>): string =>
  `${data['type'] === undefined ? '' : `event: ${data['type']}\n`}data: ${JSON.stringify(data)}\n\n`;
