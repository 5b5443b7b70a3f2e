import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** Fails unless `value` is a whole number within the bounds, both included. */
export function assertWithin(option: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new Error(`${option} must be a whole number from ${minimum} to ${maximum}, got ${value}`);
  }
}

/** Fails unless the whole of `value` matches; `rule` finishes the sentence "OPTION must be …". */
export function assertMatches(option: string, value: string, pattern: RegExp, rule: string): void {
  if (!pattern.test(value)) throw new Error(`${option} must be ${rule}, got ${JSON.stringify(value)}`);
}

/** Fails unless `value` is one of a few words. */
export function assertOneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new Error(`${option} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
  }
}

/** The days as CloudWatch Logs takes them; it accepts a fixed list and no "forever" here. */
export function retention(option: string, days: number): RetentionDays {
  if (days === RetentionDays.INFINITE || RetentionDays[days] === undefined) {
    throw new Error(`${option} must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got ${days}`);
  }
  return days;
}

/** A DNS host name in lower case. */
export const DOMAIN_NAME =
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
