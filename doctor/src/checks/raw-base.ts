import type { Era } from '../era.ts';
import { baseOf, type Probe } from '../probe.ts';
import type { RawAnswer } from '../raw-exchange.ts';

export interface RawBase {
  /** Values of the Host fields. @default - the host of the URL */
  readonly hosts?: readonly string[];
  /** The fields that say how long the body is. @default - Content-Length */
  readonly framing?: (length: number) => readonly string[];
  /** Writes the body. @default - as it is */
  readonly encode?: (body: string) => string;
}

/** Sends the unaltered request as raw bytes, which an HTTP client would not let the doctor write. */
export async function askRaw(probe: Probe, era: Era, options: RawBase = {}): Promise<RawAnswer> {
  const { hosts = [probe.target.url.host], encode = (body) => body } = options;
  const { framing = (length) => [`Content-Length: ${length}`] } = options;
  const { body, headers } = baseOf(era);
  const text = encode(JSON.stringify(body));
  const fields = Object.entries({ ...headers, ...probe.credentials });
  return await probe.raw(
    [
      `POST ${probe.target.path} HTTP/1.1`,
      ...hosts.map((host) => `Host: ${host}`),
      'Accept: application/json, text/event-stream',
      'Content-Type: application/json',
      'Connection: close',
      ...framing(Buffer.byteLength(text)),
      ...fields.flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`)),
      '',
      text,
    ].join('\r\n'),
  );
}

export const isAnswered = ({ status }: RawAnswer) => status >= 200 && status < 300;
export const describeRaw = ({ status, silent }: RawAnswer) =>
  silent ? 'no response in time' : status === 0 ? 'connection closed' : `HTTP ${status}`;
