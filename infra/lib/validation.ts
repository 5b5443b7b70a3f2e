import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** A value in infra/config.ts that cannot be deployed. Its message is for who wrote the value; no stack is needed. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** Fails unless `value` is a whole number within the bounds, both included. */
export function assertWithin(option: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new OptionError(`${option} must be a whole number from ${minimum} to ${maximum}, got ${value}`);
  }
}

/** Fails unless the whole of `value` matches; `rule` finishes the sentence "OPTION must be …". */
export function assertMatches(option: string, value: string, pattern: RegExp, rule: string): void {
  if (!pattern.test(value)) throw new OptionError(`${option} must be ${rule}, got ${JSON.stringify(value)}`);
}

/** Fails unless `value` is one of a few words. */
export function assertOneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new OptionError(`${option} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
  }
}

/** Fails unless `value` is an IPv4 range as EC2 takes it: a network address, without host bits. */
export function assertCidr(option: string, value: string, shortest: number, longest: number): void {
  const rule = `an IPv4 range from /${shortest} to /${longest} without host bits, such as 192.0.2.0/24`;
  const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(value) ?? [];
  const octets = address.split('.').map(Number);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const canonical = octets.join('.') === address && octets.every((octet) => octet <= 255);
  const prefix = Number(length);
  const valid = canonical && length !== '' && prefix >= shortest && prefix <= longest;
  if (!valid || number % 2 ** (32 - prefix) !== 0) assertMatches(option, value, NOTHING, rule);
}

/** Fails unless `value` is an ARN of that form, in the region of the stack: what it names is used there. */
export function assertArn(
  option: string,
  value: string,
  pattern: RegExp,
  rule: string,
  region: string,
): void {
  assertMatches(option, value, pattern, rule);
  if (value.split(':')[3] !== region) {
    throw new OptionError(
      `${option} must be in the region of the stage, ${region}, got ${JSON.stringify(value)}`,
    );
  }
}

/** The days as CloudWatch Logs takes them; it accepts a fixed list and no "forever" here. */
export function retention(option: string, days: number): RetentionDays {
  if (days === RetentionDays.INFINITE || RetentionDays[days] === undefined) {
    throw new OptionError(
      `${option} must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got ${days}`,
    );
  }
  return days;
}

/** A DNS host name in lower case. */
export const DOMAIN_NAME =
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Matches no text: for rules that a pattern cannot tell. */
export const NOTHING = /(?!)/;
