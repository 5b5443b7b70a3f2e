/** An example value that an option still has. */
export interface Placeholder {
  /** Such as `secrets.clients[0].principalArn`. */
  readonly option: string;
  readonly value: string;
}

/**
 * Values that AWS's documentation and RFC 2606 (https://www.rfc-editor.org/rfc/rfc2606) reserve for examples: they belong
 * to no user of this kit, so none of them deploys. The value decides and not its comment, which a fork may copy or drop.
 */
const EXAMPLES = [
  /(?<![\w-])example\.(?:com|net|org)(?![\w.-])/i,
  /(?<!\d)(?:123456789012|111122223333)(?!\d)/,
  /^Z\w*EXAMPLE$/,
];

/** Lists of hosts that tasks may reach. `example.com` is a web site, and the first page that a trial fetches. */
const HOSTS = ['task.allowedDomains', 'dnsFirewall.additionalDomains'];

/** The example values of a stage, in the order of its options. */
export function placeholdersIn(value: unknown, option = ''): readonly Placeholder[] {
  if (HOSTS.includes(option)) return [];
  if (typeof value === 'string') {
    return EXAMPLES.some((example) => example.test(value)) ? [{ option, value }] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => placeholdersIn(item, `${option}[${index}]`));
  return Object.entries(Object(value)).flatMap(([name, inner]) =>
    placeholdersIn(inner, option === '' ? name : `${option}.${name}`),
  );
}
