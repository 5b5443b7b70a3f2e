import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';

/**
 * Building blocks of options. Each states its rule once: for the error ("OPTION must be RULE, got VALUE"), for
 * docs/configuration.md and for the JSON Schema of a stage.
 */

/** A whole number within the bounds, both inclusive. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `a whole number from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

/** A string that matches the whole pattern; `rule` completes the sentence "OPTION must be …". */
export function text(pattern: RegExp, rule: string) {
  return z.string().regex(pattern, { error: rule }).meta({ rule });
}

/** A string that a function validates, where a pattern cannot. */
export function judged(isValid: (value: string) => boolean, rule: string) {
  return z
    .string()
    .check((context) => {
      if (isValid(context.value)) return;
      context.issues.push({ code: 'invalid_format', format: 'rule', input: context.value, message: rule });
    })
    .meta({ rule });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}

export interface ListBounds {
  /** @default 0 */
  readonly min?: number;
  readonly max: number;
  /** Maximum of the characters of all items together, as JSON. @default - what the items allow */
  readonly characters?: number;
}

/**
 * A list of such values. It always has a maximum: each list ends in a property that an AWS service bounds.
 *
 * @param bounds minimum and maximum number of items, both inclusive
 */
export function listOf<Item extends z.ZodType>(item: Item, { min = 0, max, characters }: ListBounds) {
  const error = min === max ? `a list of ${min}` : `a list of ${min} to ${max}`;
  const list = z
    .array(item)
    .min(min, { error })
    .max(max, { error })
    .check(({ value, issues }) => {
      const length = JSON.stringify(value).length;
      if (characters === undefined || length <= characters) return;
      const message = `must have at most ${characters} characters in all, got ${length}`;
      issues.push({ code: 'custom', input: value, message });
    })
    .readonly();
  return characters === undefined ? list : list.meta({ characters });
}

export interface RecordBounds {
  /** Pattern of a whole key. */
  readonly key: RegExp;
  /** Pattern of a whole value. */
  readonly value: RegExp;
  /** Completes the sentence "OPTION must be …". */
  readonly rule: string;
  /** Most entries. */
  readonly max: number;
  /** Maximum of the characters of all entries together, as JSON. */
  readonly characters: number;
}

/** Texts by key, by default none, such as variables by name. */
export function recordOf({ key, value, rule, max, characters }: RecordBounds) {
  return z
    .record(z.string(), z.string())
    .check(({ value: given, issues }) => {
      const entries = Object.entries(given);
      if (entries.length > max) {
        const message = `must have at most ${max} entries, got ${entries.length}`;
        issues.push({ code: 'custom', input: given, message });
      }
      const length = JSON.stringify(given).length;
      if (length > characters) {
        const message = `must have at most ${characters} characters in all, got ${length}`;
        issues.push({ code: 'custom', input: given, message });
      }
      for (const [name, text] of entries) {
        if (key.test(name) && value.test(text)) continue;
        // Not the value, which may be a secret in the wrong place.
        const message = `must be ${rule}, got ${JSON.stringify(name)}`;
        issues.push({ code: 'custom', input: given, message });
      }
    })
    .meta({ rule: `${rule}; at most ${max}, and ${characters} characters in all, as JSON` })
    .readonly()
    .default({});
}

/** An image pinned by its digest, such as `ghcr.io/team/mcp@sha256:…`. */
export const PINNED_IMAGE = /^[\w./:-]{1,184}@sha256:[0-9a-f]{64}$/;

/** An IPv4 range as EC2 accepts it: a network address, without host bits. */
export function cidr(shortest: number, longest: number) {
  const rule = `an IPv4 range from /${shortest} to /${longest} without host bits, such as 192.0.2.0/24`;
  return judged((value) => {
    const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(value) ?? [];
    const octets = address.split('.').map(Number);
    const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    const canonical = octets.join('.') === address && octets.every((octet) => octet <= 255);
    const prefix = Number(length);
    const valid = canonical && length !== '' && prefix >= shortest && prefix <= longest;
    return valid && number % 2 ** (32 - prefix) === 0;
  }, rule);
}

/** Name of an availability zone of a region. A Local or Wavelength Zone, where Fargate runs no task, has a longer one. */
export function zone() {
  return text(/^[a-z]{2,}(-[a-z]+)+-\d[a-z]$/, 'the name of an availability zone such as us-east-1a');
}

/** Days that logs are kept by default, and audit records in production at least. */
export const YEAR_DAYS = 365;

/** A retention in days that CloudWatch Logs accepts, without "forever". */
export function retentionDays() {
  const rule = 'a value CloudWatch Logs accepts (e.g. 90, 365, 3653)';
  return z
    .number()
    .check(({ value: days, issues }) => {
      if (days !== RetentionDays.INFINITE && RetentionDays[days] !== undefined) return;
      issues.push({ code: 'invalid_value', values: [], input: days, message: rule });
    })
    .meta({ rule })
    .default(YEAR_DAYS);
}

/** An e-mail address, checked by its form only. */
export function email() {
  return text(/^(?=.{3,254}$)[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address');
}

/** ARN of a role or user, in the forms that IAM uses for a caller (`aws:PrincipalArn`). */
export function principalArn() {
  return text(
    /^arn:aws[\w-]*:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]{1,512}$/,
    'the ARN of an IAM role or user',
  );
}

/** The complete ARN of a secret. Without the suffix it would also mean another secret whose name begins like it. */
export function secretArn() {
  return text(
    /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]{1,512}-\w{6}$/,
    'the complete ARN of a secret, with its suffix',
  );
}

/** The ARN of a KMS key; an alias is not one. */
export function kmsKeyArn() {
  return text(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a KMS key');
}

/** A domain in the syntax of DNS Firewall. */
export function listedDomain() {
  return judged(
    (value) => DOMAIN_NAME.test(value.replace(/^\*\./, '')),
    'a domain such as api.example.com or *.example.com (IDN as punycode)',
  );
}

/** A DNS host name in lower case. */
export const DOMAIN_NAME =
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
