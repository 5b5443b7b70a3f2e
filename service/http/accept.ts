/** Which of the two kinds of answer a client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly events: boolean;
}

/** The words of nearly every client, which need no reading. */
const USUAL: ReadonlySet<string | undefined> = new Set([
  undefined,
  '*/*',
  'application/json, text/event-stream',
  'application/json,text/event-stream',
  'text/event-stream, application/json',
]);

/**
 * Reads an `Accept` header (RFC 9110 §12.5.1): the most specific range decides, weight 0 refuses. Other parameters of a
 * range narrow nothing here, since each kind of answer has one form only.
 *
 * @param header undefined takes everything
 */
export function acceptedOf(header: string | undefined): Accepted {
  if (USUAL.has(header)) return { json: true, events: true };
  const weights = new Map<string, boolean>();
  for (const range of (header ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0{0,3})?$/.test(parameter));
    // Of the same range twice the kinder one counts.
    weights.set(type, !refused || weights.get(type) === true);
  }
  const takes = (type: string, all: string) =>
    weights.get(type) ?? weights.get(all) ?? weights.get('*/*') ?? false;
  return {
    json: takes('application/json', 'application/*'),
    events: takes('text/event-stream', 'text/*'),
  };
}
