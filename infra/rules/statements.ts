import { isEverybody, listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

/** A value as one string, with references in angle brackets: `<Id>`, `<Id.Arn>`, `<AWS.AccountId>`. */
export function textOf(value: unknown): string {
  // A literal string must not look like a reference.
  if (typeof value === 'string') return value.replaceAll('<', '‹');
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': sub } = Object(value) as Properties;
  const reference = (name: string) => `<${name.replace('::', '.')}>`;
  if (typeof Ref === 'string') return reference(Ref);
  if (attribute !== undefined) return reference(listOf(attribute).join('.'));
  if (Array.isArray(join?.[1])) return join[1].map(textOf).join(join[0]);
  if (typeof sub === 'string') {
    return textOf(sub).replaceAll(/\$\{([^!}]+)\}/g, (_placeholder, name) => reference(name));
  }
  return JSON.stringify(value) ?? '';
}

/** The logical ids, or `AWS`, that a value refers to. */
export function ownersIn(value: unknown): readonly string[] {
  return [...textOf(value).matchAll(/<(\w+)[^>]*>/g)].map(([, name]) => name ?? '');
}

/** Whether a value refers to a resource of the template, alone or within a string. */
export function mentions(value: unknown, logicalId: string): boolean {
  return listOf(value).some((one) => ownersIn(one).includes(logicalId));
}

/** Whether an action of a policy is one of these, or a pattern for one: IAM ignores capitals and knows `*` and `?`. */
export function coversAction(action: string, named: readonly string[]): boolean {
  const pattern = action
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return named.some((one) => new RegExp(`^${pattern}$`, 'i').test(one));
}

/**
 * The statements of each policy of a resource; `members` name the property that refers to the resource, by policy type.
 */
export function policiesOf(
  template: SynthesizedTemplate,
  members: Readonly<Record<string, string>>,
  logicalId: string,
): readonly (readonly Properties[])[] {
  return Object.entries(members).flatMap(([type, member]) =>
    template
      .all(type)
      .filter(({ properties }) => mentions(properties[member], logicalId))
      .map(({ properties }) => listOf(properties['PolicyDocument']?.Statement)),
  );
}

/**
 * Whether a statement covers all of these resources, as `textOf` writes them: a denial for others has no effect here.
 */
export function concerns({ Resource }: Properties, parts: readonly string[]): boolean {
  const named = listOf(Resource).map(textOf);
  return named.includes('*') || parts.every((part) => named.includes(part));
}

/** Conditions that match requests without TLS, and with an outdated version. */
export const WITHOUT_TLS = '{"Bool":{"aws:SecureTransport":"false"}}';
export const WITH_OLD_TLS = '{"NumericLessThan":{"s3:TlsVersion":1.2}}';

/** Whether an action is denied to all principals on all of these resources under exactly this condition. */
export function denies(
  statements: readonly Properties[],
  action: string,
  parts: readonly string[],
  condition: string,
): boolean {
  return statements.some(
    (statement) =>
      statement['Effect'] === 'Deny' &&
      isEverybody(statement) &&
      concerns(statement, parts) &&
      listOf(statement['Action']).map(String).includes(action) &&
      JSON.stringify(statement['Condition']) === condition,
  );
}

/** Whether a value is the account that the template is deployed to, and no other. */
export function isThisAccount(value: unknown): boolean {
  const accounts = listOf(value).map(textOf);
  return accounts.length > 0 && accounts.every((account) => account === '<AWS.AccountId>');
}

/** Whether an ARN belongs to this account, or to a resource of the template. */
export function isArnOfThisAccount(arn: unknown, template: SynthesizedTemplate): boolean {
  const text = textOf(arn);
  const [, logicalId = ''] = /^<(\w+)\.Arn>$/.exec(text) ?? [];
  return (
    /^arn:(?:[\w-]+|<AWS\.Partition>):[\w-]+:(?:[\w-]*|<AWS\.Region>):<AWS\.AccountId>:/.test(text) ||
    Object.hasOwn(template.resources, logicalId)
  );
}

/** Condition keys that name the resource a service acts for. */
const SOURCE_ARNS = ['aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'];

/** Whether a statement allows services only where they act for this account. */
export function isForThisAccount({ Condition }: Properties, template: SynthesizedTemplate): boolean {
  const { StringEquals, ArnLike, ArnEquals } = (Condition ?? {}) as Properties;
  return (
    isThisAccount(StringEquals?.['aws:SourceAccount']) ||
    [ArnLike, ArnEquals].some((operator) =>
      SOURCE_ARNS.some((key) => {
        const arns = listOf(operator?.[key]);
        return arns.length > 0 && arns.every((arn) => isArnOfThisAccount(arn, template));
      }),
    )
  );
}
