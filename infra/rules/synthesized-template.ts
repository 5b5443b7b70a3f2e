// biome-ignore lint/suspicious/noExplicitAny: a template has no types
export type Properties = Record<string, any>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  /** Name of the condition that decides at deployment whether the resource is created. */
  readonly Condition?: string;
}

export interface FoundResource {
  readonly logicalId: string;
  readonly resource: Resource;
  readonly properties: Properties;
}

/** Rights of the task role that the configuration states, besides those that the service itself needs. */
export interface StatedRights {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Statements of a configuration about the task role. */
export interface Stated {
  readonly rights: readonly StatedRights[];
  /** Logical ids of the resources that infra/extensions.ts adds. */
  readonly additions: readonly string[];
}

/** A CloudFormation template as it is deployed, for rules to inspect. */
export class SynthesizedTemplate {
  /** The whole template, including parameters and outputs. */
  readonly whole: Properties;
  readonly resources: Readonly<Record<string, Resource>>;
  /** Whether the requirements of production apply: protected from deletion, records kept for a year, two tasks. */
  readonly production: boolean;
  readonly stated: Stated;

  readonly #derived = new Map<unknown, unknown>();
  readonly #byType = new Map<string, FoundResource[]>();

  constructor(json: unknown, production: boolean, stated: Stated = { rights: [], additions: [] }) {
    this.whole = json as Properties;
    this.resources = this.whole['Resources'] ?? {};
    this.production = production;
    this.stated = stated;
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

  /** The resource of this template that a `Ref` or `Fn::GetAtt` refers to. */
  target(reference: unknown): FoundResource | undefined {
    const { Ref, 'Fn::GetAtt': attribute } = Object(reference) as Properties;
    const logicalId = String(Ref ?? (Array.isArray(attribute) ? attribute[0] : ''));
    const resource = this.resources[logicalId];
    return resource && { logicalId, resource, properties: resource.Properties ?? {} };
  }

  /** Whether a value refers to a resource of a type in this template. */
  names(reference: unknown, type: string): boolean {
    return this.target(reference)?.resource.Type === type;
  }
}

/** Logical ids that a value refers to at any depth. */
export function referencesIn(value: unknown): readonly string[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/"(?:Ref":"|Fn::GetAtt":\[")([^"]+)"/g)].map(([, logicalId]) => logicalId ?? '');
}

/** The attributes of a load balancer, a listener or a target group by key. */
export function attributesOf(list: unknown): Readonly<Record<string, unknown>> {
  const pairs = Array.isArray(list) ? (list as Properties[]) : [];
  return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
}

/** A list, whether it is written as a list or as its only item. */
export function listOf(value: unknown): readonly Properties[] {
  return value === undefined ? [] : ([value].flat() as Properties[]);
}

/** Whether a policy statement applies to every principal. */
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

/** Names of the containers that load balancers send requests to: the service's. */
function balancedNames(template: SynthesizedTemplate): readonly unknown[] {
  return template
    .all('AWS::ECS::Service')
    .flatMap(({ properties }) => listOf(properties['LoadBalancers']))
    .map(({ ContainerName }) => ContainerName);
}

/** Whether a container is the service: requests reach it. Every other runs behind it. */
export function isService({ Name }: Properties, template: SynthesizedTemplate): boolean {
  return template.derive(balancedNames).includes(Name);
}

/** The containers of the service. */
export function serviceContainers(template: SynthesizedTemplate): readonly Properties[] {
  return taskContainers(template).filter((container) => isService(container, template));
}

/** A variable of the service's environment. */
export function taskVariable(template: SynthesizedTemplate, name: string): unknown {
  return serviceContainers(template)
    .flatMap(({ Environment }) => listOf(Environment))
    .find(({ Name }) => Name === name)?.['Value'];
}

/** Logical ids of the task roles and execution roles. */
export function taskRoles(
  template: SynthesizedTemplate,
  members: readonly string[] = ['TaskRoleArn', 'ExecutionRoleArn'],
): readonly (string | undefined)[] {
  return template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => members.map((member) => template.target(properties[member])?.logicalId));
}
