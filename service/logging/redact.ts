export const REDACTED = '[REDACTED]';

const MAX_DEPTH = 6;
const MAX_ITEMS = 32;
const MAX_STRING = 256;
/** Longest text that is searched for tokens; what is beyond is cut off, so it cannot leak either. */
const MAX_SEARCHED = 4 * 1024;
/** All text of one value that is searched; a record is no place for more. */
const MAX_SEARCHED_IN_ALL = 16 * 1024;

const CREDENTIAL =
  'pass(?:word|wd|phrase|code)?|pwd?|pin|secret|token|key|api[-_]?key|authz?|authorization|cookie|credentials?|csrf|' +
  'session(?:[-_]?id)?|signature|sig|jwt|otp|bearer';

/** A name in snake case that says its value is a credential: `api_key`, `x-auth-token`, `db_password2`. */
const CREDENTIAL_KEY = new RegExp(
  `(?:^|[-_. ])(?:${CREDENTIAL})s?\\d*(?:$|[-_. ])|(?:password|secret|token|apikey|credential)s?\\d*$`,
);

function isCredentialKey(key: string): boolean {
  return CREDENTIAL_KEY.test(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
}

// Each starts where a run of its characters starts and has an upper bound, so that no text takes quadratic time.
const TOKENS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /(?<![\w-])eyJ[\w-]{8,4096}\.[\w-]{4,4096}(?:\.[\w-]{0,4096}){0,3}/g,
  /(?<!\w)(?:bearer|basic)\s{1,8}[\w.~+/-]{8,4096}=*/gi,
  /(?<![\w-])(?:sk|pk|rk|gh[pousr]|github_pat|glpat|xox[abeprs]|npm|hf|shpat|whsec|ya29)[-_.][\w.-]{10,4096}/g,
  /(?<![\w-])(?:AKIA|ASIA|AIza)[\w-]{12,4096}/g,
  // No known shape, but nobody types these: a digest's worth of hex, a long run of mixed case with digits.
  /(?<![0-9a-z])[0-9a-f]{32,4096}(?![0-9a-z])/gi,
  /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,4096}={0,2}/g,
  // Standard base64 of 30 bytes, as an AWS secret access key is; a path rarely has 40 such characters in a row.
  /(?<![\w+/.-])(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{40}(?![\w+/-])/g,
];

const NAMED_VALUE = new RegExp(
  `([?&;#\\s"']|^)([\\w.-]{0,40}?(?:${CREDENTIAL})\\d*)(["']?\\s{0,4}[=:]\\s{0,4}["']?)[^&\\s"']+`,
  'gi',
);
/** Up to the last `@` before a query: a password may hold an `@` or a slash itself. */
const USERINFO = /(\/\/)[^?#\s]{0,2048}@/g;

/** Text with everything that looks like a credential replaced. Bounded to 4 KiB. */
export function redactText(text: string): string {
  let safe = text.slice(0, MAX_SEARCHED);
  safe = safe.replace(USERINFO, `$1${REDACTED}@`).replace(NAMED_VALUE, `$1$2$3${REDACTED}`);
  for (const pattern of TOKENS) safe = safe.replace(pattern, REDACTED);
  return safe;
}

/**
 * A copy fit for a log: values of keys that look like credentials and values that look like tokens are replaced at
 * any depth, and the whole is bounded in depth, in items of one collection, in length of one string and in
 * `maxBytes` of JSON (then only the size is kept).
 */
export function redact(value: unknown, maxBytes: number): unknown {
  const safe = redactAt(value, 0, { left: MAX_SEARCHED_IN_ALL });
  const bytes = Buffer.byteLength(JSON.stringify(safe) ?? '');
  return bytes <= maxBytes ? safe : { truncated: true, bytes };
}

function redactAt(value: unknown, depth: number, budget: { left: number }): unknown {
  if (typeof value === 'string') return shorten(value, budget);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'object') return String(typeof value);
  if (depth >= MAX_DEPTH) return '[TOO DEEP]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redactAt(item, depth + 1, budget));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} MORE]`] : items;
  }
  const entries = Object.entries(value);
  const safe = entries.slice(0, MAX_ITEMS).map(([key, item]) => {
    const secret = isCredentialKey(key.slice(0, MAX_STRING));
    return [shorten(key, budget), secret ? REDACTED : redactAt(item, depth + 1, budget)] as const;
  });
  if (entries.length > MAX_ITEMS) safe.push(['…', `[${entries.length - MAX_ITEMS} MORE]`]);
  return Object.fromEntries(safe);
}

function shorten(text: string, budget: { left: number }): string {
  const searched = Math.min(text.length, MAX_SEARCHED, budget.left);
  budget.left -= searched;
  const safe = redactText(text.slice(0, searched));
  if (safe.length <= MAX_STRING && searched === text.length) return safe;
  return `${safe.slice(0, MAX_STRING)}…(${text.length} characters)`;
}
