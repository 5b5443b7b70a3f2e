import { judged } from '../../lib/option-types.ts';
import { COUNTRY_CODES } from './country-codes.ts';

/** A country code that WAF supports. */
export function country() {
  return judged(
    (code) => COUNTRY_CODES.includes(code),
    'an ISO 3166 code of a country such as DE, in capitals (the United Kingdom is GB)',
  );
}
