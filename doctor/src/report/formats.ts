import { htmlOf } from './html.ts';
import { jsonOf } from './json.ts';
import { junitOf } from './junit.ts';
import { sarifOf } from './sarif.ts';

/** Every format that is written to a file. */
export const FORMATS = {
  json: { extension: 'json', write: jsonOf },
  junit: { extension: 'xml', write: junitOf },
  html: { extension: 'html', write: htmlOf },
  sarif: { extension: 'sarif', write: sarifOf },
} as const;

export type Format = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly Format[];
