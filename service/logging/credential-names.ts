const CREDENTIAL =
  'pass(?:word|wd|phrase|code)?|pwd?|pin|secret|token|key|api[-_]?key|authz?|authorization|cookie|cred(?:ential)?|csrf|xsrf|' +
  'session(?:[-_]?id)?|sess[-_]?id|sid|signature|sig|hmac|jwt|otp|totp|bearer|assertion|verifier|mnemonic|' +
  'saml[-_]?(?:response|request|art)';

/** A name in snake case that says its value is a credential: `api_key`, `x-auth-token`, `db_password2`. */
const ANYWHERE = new RegExp(
  `(?:^|[-_.$ [\\]])(?:${CREDENTIAL})s?\\d*(?:$|[-_.$ [\\]])|` +
    '(?:password|secret|token|api_?key|(?:access|auth|private|shared|account|master|sign(?:ing)?)key|credential|sess(?:ion)?id)s?\\d*$',
);

/** Names that mean a credential as a parameter of a URL, and anything elsewhere (a code of a country, a ticket of work). */
const IN_URL =
  /^(?:(?:auth|authorization|device|user|oauth)_?)?code$|^ticket$|^pgt(?:iou|id)?$|^magic$|^nonce$/;

/** Whether the value of a member, header or variable of this name is a credential. Looks at 256 characters. */
export function isCredentialName(name: string): boolean {
  return ANYWHERE.test(snakeCase(name));
}

/** The same for a parameter of a URL or a form. */
export function isCredentialParameter(name: string): boolean {
  const snake = snakeCase(name);
  return ANYWHERE.test(snake) || IN_URL.test(snake);
}

function snakeCase(name: string): string {
  return name
    .slice(-256)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
