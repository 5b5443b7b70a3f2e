import { ServiceError } from '../errors.ts';
import { quoted } from '../logging/json-line.ts';

/** Types besides `text/*` whose content is readable text. */
const TEXTUAL: readonly string[] = [
  'application/xhtml+xml',
  'application/xml',
  'application/json',
  'application/javascript',
  'application/yaml',
];

/** The media type of a `Content-Type` header, in lower case and without parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

export function isHtml(type: string): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml';
}

/** @throws ServiceError `content_unsupported` for a type that is neither HTML nor text */
export function refuseMediaType(type: string): void {
  const textual =
    type.startsWith('text/') || TEXTUAL.includes(type) || /^application\/[\w.-]+\+(json|xml)$/.test(type);
  if (!textual) {
    throw new ServiceError('content_unsupported', {
      reason: `media type ${type === '' ? 'missing' : quoted(type)}`,
    });
  }
}
