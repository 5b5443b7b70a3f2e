export const REDACTED = '[REDACTED]';

const MAX_DEPTH = 6;
const MAX_ITEMS = 32;
const MAX_STRING = 256;
/** Longest text that is searched for tokens; what is beyond is cut off, so it cannot leak either. */
const MAX_SEARCHED = 8 * 1024;

const CREDENTIAL =
  'pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|auth(?:orization)?|cookie|credentials?|session(?:[-_]?id)?|signature|sig|jwt|otp|bearer';

/** A name in snake case that says its value is a credential: `api_key`, `x-auth-token`, `db_password`. */
const CREDENTIAL_KEY = new RegExp(`(?:^|[-_. ])(?:${CREDENTIAL})s?(?:$|[-_. ])|(?:${CREDENTIAL})$`);

function isCredentialKey(key: string): boolean {
  return CREDENTIAL_KEY.test(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
}

const TOKENS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*/g,
  /\b(?:bearer|basic)\s+[\w.~+/-]{8,}=*/gi,
  /\b(?:sk|pk|rk|gh[pousr]|github_pat|glpat|xox[abeprs]|npm|hf|shpat|whsec|ya29)[-_.][\w.-]{10,}/g,
  /\b(?:AKIA|ASIA|AIza)[\w-]{12,}/g,
  // No known shape, but nobody types these: a digest's worth of hex, a long run of mixed case with digits.
  /\b[0-9a-f]{32,}\b/gi,
  /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}={0,2}/g,
];

const NAMED_VALUE = new RegExp(
  `([?&;#\\s"']|^)([\\w.-]*(?:${CREDENTIAL}))(["']?\\s*[=:]\\s*["']?)[^&\\s"']+`,
  'gi',
);
const USERINFO = /(\/\/)[^/?#\s@]*@/g;

/** Text with everything that looks like a credential replaced. Bounded to 8 KiB. */
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
  const safe = redactAt(value, 0);
  const bytes = Buffer.byteLength(JSON.stringify(safe) ?? '');
  return bytes <= maxBytes ? safe : { truncated: true, bytes };
}

function redactAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shorten(redactText(value), value.length);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'object') return String(typeof value);
  if (depth >= MAX_DEPTH) return '[TOO DEEP]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redactAt(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} MORE]`] : items;
  }
  const entries = Object.entries(value);
  const safe = entries.slice(0, MAX_ITEMS).map(([key, item]) => {
    const name = shorten(redactText(key), key.length);
    return [name, isCredentialKey(key) ? REDACTED : redactAt(item, depth + 1)] as const;
  });
  if (entries.length > MAX_ITEMS) safe.push(['…', `[${entries.length - MAX_ITEMS} MORE]`]);
  return Object.fromEntries(safe);
}

function shorten(text: string, originalLength: number): string {
  if (text.length <= MAX_STRING && originalLength <= MAX_SEARCHED) return text;
  return `${text.slice(0, MAX_STRING)}…(${originalLength} characters)`;
}
