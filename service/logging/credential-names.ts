const CREDENTIAL =
  'pass(?:word|wd|phrase|code)?|pwd?|pin|secret|token|key|api[-_]?key|authz?|authorization|cookie|cred(?:ential)?|csrf|xsrf|' +
  'session(?:[-_]?id)?|sess[-_]?id|sid|signature|sig|hmac|jwt|otp|totp|bearer|assertion|verifier|mnemonic|' +
  'saml[-_]?(?:response|request|art)';

/** Matches a name in snake case whose value is a credential: `api_key`, `x-auth-token`, `db_password2`. */
const ANYWHERE = new RegExp(
  `(?:^|[-_.$ [\\]])(?:${CREDENTIAL})s?\\d*(?:$|[-_.$ [\\]])|` +
    '(?:password|secret|token|api_?key|(?:access|auth|private|shared|account|master|sign(?:ing)?)key|credential|sess(?:ion)?id)s?\\d*$',
);

/** Names that mean a credential as a URL parameter, but something else elsewhere (a country code, a support ticket). */
const IN_URL =
  /^(?:(?:auth|authorization|device|user|oauth)_?)?code$|^ticket$|^pgt(?:iou|id)?$|^magic$|^nonce$/;

/** Whether a member, header or variable of this name contains a credential. Looks at 256 characters. */
export function isCredentialName(name: string): boolean {
  return ANYWHERE.test(snakeCase(name));
}

/** The same for a parameter of a URL or a form. */
export function isCredentialParameter(name: string): boolean {
  const snake = snakeCase(name);
  return ANYWHERE.test(snake) || IN_URL.test(snake);
}

function snakeCase(name: string): string {
  if (/^[a-z0-9_.-]{0,256}$/.test(name)) return name;
  return name
    .slice(-256)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
