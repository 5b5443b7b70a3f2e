import { type IRole, ManagedPolicy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Characters of the parts of one policy. IAM takes 6,144 without whitespace; the rest is the text around them. */
const MAX_CHARACTERS = 5_600;

export interface PackedPoliciesProps<Item> {
  readonly items: readonly Item[];
  /** Characters of an item in a policy. */
  sizeOf(item: Item): number;
  /** The statements for some of the items. */
  statementsOf(items: readonly Item[]): PolicyStatement[];
}

/** Attaches managed policies to the role, as few as the items fit. A role takes ten. */
export function addPackedPolicies<Item>(
  role: IRole,
  id: string,
  { items, sizeOf, statementsOf }: PackedPoliciesProps<Item>,
): void {
  const groups: Item[][] = [];
  let room = 0;
  for (const item of items) {
    if (sizeOf(item) > room) {
      groups.push([]);
      room = MAX_CHARACTERS;
    }
    groups.at(-1)?.push(item);
    room -= sizeOf(item);
  }
  for (const [index, some] of groups.entries())
    new ManagedPolicy(role, `${id}${index + 1}`, { roles: [role], statements: statementsOf(some) });
}
