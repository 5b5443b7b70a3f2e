// biome-ignore lint/suspicious/noExplicitAny: a template has no types
export type Properties = Record<string, any>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  /** Name of what decides at deployment whether the resource is made at all. */
  readonly Condition?: string;
}

export interface FoundResource {
  readonly logicalId: string;
  readonly resource: Resource;
  readonly properties: Properties;
}

/** A CloudFormation template as it is deployed, for rules to look into. */
export class SynthesizedTemplate {
  /** All of it, parameters and outputs included. */
  readonly whole: Properties;
  readonly resources: Readonly<Record<string, Resource>>;
  /** Whether the floor of production applies: protected from deletion, records kept for a year, two tasks. */
  readonly production: boolean;

  readonly #derived = new Map<unknown, unknown>();
  readonly #byType = new Map<string, FoundResource[]>();

  constructor(json: unknown, production: boolean) {
    this.whole = json as Properties;
    this.resources = this.whole['Resources'] ?? {};
    this.production = production;
    for (const [logicalId, resource] of Object.entries(this.resources)) {
      const found = { logicalId, resource, properties: resource.Properties ?? {} };
      const others = this.#byType.get(resource.Type);
      if (others === undefined) this.#byType.set(resource.Type, [found]);
      else others.push(found);
    }
  }

  all(type: string): readonly FoundResource[] {
    return this.#byType.get(type) ?? [];
  }

  /** The result of a function of this template. It is computed once, because many rules ask for it. */
  derive<T>(compute: (template: SynthesizedTemplate) => T): T {
    if (!this.#derived.has(compute)) this.#derived.set(compute, compute(this));
    return this.#derived.get(compute) as T;
  }

  /** The resource of this template that a `Ref` or `Fn::GetAtt` names. */
  target(reference: unknown): FoundResource | undefined {
    const { Ref, 'Fn::GetAtt': attribute } = Object(reference) as Properties;
    const logicalId = String(Ref ?? (Array.isArray(attribute) ? attribute[0] : ''));
    const resource = this.resources[logicalId];
    return resource && { logicalId, resource, properties: resource.Properties ?? {} };
  }

  /** Whether a value names a resource of a type in this template. */
  names(reference: unknown, type: string): boolean {
    return this.target(reference)?.resource.Type === type;
  }
}

/** Logical ids that a value names anywhere within. */
export function referencesIn(value: unknown): readonly string[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/"(?:Ref":"|Fn::GetAtt":\[")([^"]+)"/g)].map(([, logicalId]) => logicalId ?? '');
}

/** The attributes of a load balancer, a listener or a target group by key. */
export function attributesOf(list: unknown): Readonly<Record<string, unknown>> {
  const pairs = Array.isArray(list) ? (list as Properties[]) : [];
  return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
}

/** A list, whether it is written as one or as its only item. */
export function listOf(value: unknown): readonly Properties[] {
  return value === undefined ? [] : ([value].flat() as Properties[]);
}

/** Whether a statement of a policy is about whoever asks. */
export function isEverybody({ Principal }: Properties): boolean {
  if (Principal === undefined || Principal === '*') return true;
  return listOf(Principal.AWS).some((principal: unknown) => principal === '*');
}

/** The containers of all tasks. */
export function taskContainers(template: SynthesizedTemplate): readonly Properties[] {
  return template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => listOf(properties['ContainerDefinitions']));
}

/** A variable of the tasks' environment. */
export function taskVariable(template: SynthesizedTemplate, name: string): unknown {
  return taskContainers(template)
    .flatMap(({ Environment }) => listOf(Environment))
    .find(({ Name }) => Name === name)?.['Value'];
}

/** Logical ids of the roles of tasks: those they run with, and those that start them. */
export function taskRoles(
  template: SynthesizedTemplate,
  members: readonly string[] = ['TaskRoleArn', 'ExecutionRoleArn'],
): readonly (string | undefined)[] {
  return template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => members.map((member) => template.target(properties[member])?.logicalId));
}
