import type { Template } from 'aws-cdk-lib/assertions';

/** Name of the stack in the stored templates. */
const TEMPLATE_STACK = 'Mcp-test';
const SUFFIX = 'Xy1Xy2Xy3Xy4';
/** Longest names in characters of types whose generated names may be shortened. */
const LONGEST: Readonly<Record<string, number>> = { 'AWS::Lambda::Function': 64 };
/** The property that is the name, by type. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SecretsManager::Secret': 'Name',
};

/** The names in AWS of a template's resources of a type, as a stack of this name has them, by logical id. */
export function physicalNames(of: Template, type: string, stackName: string): ReadonlyMap<string, string> {
  const found = Object.entries(of.findResources(type));
  return new Map(
    found.map(([id, { Properties }]) => {
      const name = Properties?.[NAMES[type] ?? ''];
      const own = name === undefined ? undefined : evaluate(name, stackName);
      return [id, own ?? generated(type, id, stackName)];
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
function evaluate(value: any, stackName: string): any {
  if (typeof value === 'string') return value.replaceAll(TEMPLATE_STACK, stackName);
  const [[name, argument] = []] = Object.entries<typeof value>(value);
  const [first, second] = [argument].flat(1);
  if (name === 'Ref' && first === 'AWS::StackId')
    return `arn:aws:cloudformation:us-east-1:210987654321:stack/${stackName}/1b2c3d4e-0000-1111-2222-333344445555`;
  if (name === 'Fn::Join') return second.map((part: typeof value) => evaluate(part, stackName)).join(first);
  if (name === 'Fn::Select') return evaluate(second, stackName)[Number(first)];
  if (name === 'Fn::Split') return evaluate(second, stackName).split(first);
  throw new Error(`a name has ${name}, which is not evaluated here`);
}

/** CloudFormation shortens both parts to half of the space, or gives one the space that the other does not need. */
function generated(type: string, logicalId: string, stackName: string): string {
  const space = (LONGEST[type] ?? 255) - SUFFIX.length - 2;
  const stack = stackName.slice(0, Math.max(Math.ceil(space / 2), space - logicalId.length));
  return `${stack}-${logicalId.slice(0, space - stack.length)}-${SUFFIX}`;
}
