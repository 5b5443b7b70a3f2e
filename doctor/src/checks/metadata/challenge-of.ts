import type { Answer } from '../../exchange.ts';

/** Parameters of the Bearer challenge by name. */
export function challengeOf({ headers }: Answer): Readonly<Record<string, string>> | undefined {
  const value = headers['www-authenticate'] ?? '';
  if (!/(?:^|,)\s*Bearer(?:\s|$)/i.test(value)) return undefined;
  const parameters = [...value.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)];
  return Object.fromEntries(
    parameters.map(([, name = '', text, bare]) => [name.toLowerCase(), text ?? bare ?? '']),
  );
}
