/** The response media types that a client accepts. */
export interface Accepted {
  readonly json: boolean;
  readonly events: boolean;
}

/** Values that nearly every client sends; they need no parsing. */
const USUAL: ReadonlySet<string | undefined> = new Set([
  undefined,
  '*/*',
  'application/json, text/event-stream',
  'application/json,text/event-stream',
  'text/event-stream, application/json',
]);

/**
 * Parses an `Accept` header (RFC 9110 §12.5.1): the most specific range decides, weight 0 refuses. Other parameters are
 * ignored, because each media type has only one form here.
 *
 * @param header undefined accepts everything
 */
export function acceptedOf(header: string | undefined): Accepted {
  if (USUAL.has(header)) return { json: true, events: true };
  const weights = new Map<string, boolean>();
  for (const range of (header ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0{0,3})?$/.test(parameter));
    // If a range is repeated, acceptance wins.
    weights.set(type, !refused || weights.get(type) === true);
  }
  const takes = (type: string, all: string) =>
    weights.get(type) ?? weights.get(all) ?? weights.get('*/*') ?? false;
  return {
    json: takes('application/json', 'application/*'),
    events: takes('text/event-stream', 'text/*'),
  };
}
