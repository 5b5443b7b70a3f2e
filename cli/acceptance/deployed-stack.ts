export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** Its name in AWS: a name, an id or an ARN, by its type. */
  readonly physicalId: string;
}

/** A stack as the account has it. */
export interface DeployedStack {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly Resource[];
}

/** Resources of a type whose logical id starts with the path of a construct, such as `AuditCheckFunction`. */
export function resourcesOf({ resources }: DeployedStack, wanted: string, path = ''): readonly Resource[] {
  return resources.filter(({ type, logicalId }) => type === wanted && logicalId.startsWith(path));
}

/** Characters of the stack's name that a shortened name of a function keeps; 25 in a name that was reported. */
const KEPT = 20;

/**
 * The name of a Lambda function, as a pattern of IAM. CloudFormation makes it of the stack's name, the logical id and a
 * suffix, and shortens the first two if it has over 64 characters (a name in convox/rack#2297).
 *
 * @param path start of the logical id, at most 20 characters
 */
export function functionPattern(stackName: string, path: string): string {
  const stack = stackName.length > KEPT ? `${stackName.slice(0, KEPT)}*` : stackName;
  return `${stack}-${path}*`;
}

/** @throws if the stack does not have exactly one */
export function resourceOf(stack: DeployedStack, type: string, path?: string): string {
  const [found, more] = resourcesOf(stack, type, path);
  if (found === undefined || more !== undefined)
    throw new Error(
      `the stack must have one ${type}${path ? ` named ${path}` : ''}, got ${more ? 'more' : 'none'}`,
    );
  return found.physicalId;
}
