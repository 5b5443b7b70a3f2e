import { RegionInfo } from 'aws-cdk-lib/region-info';
import { checkToolConfig, type ToolConfig } from '../service/tools/config.ts';
import type { ToolDefinition } from '../service/tools/definition.ts';
import {
  hostsOfRights,
  type Rights,
  regionOf,
  throughServices,
  unknownActions,
} from './constructs/network/action-services.ts';
import type { SecretSource, ToolsOption } from './lib/tool-options.ts';

/** A tool with the values of its stage, and what it needs with these values. */
export interface ServedTool {
  readonly name: string;
  /** The values for the service, without the references of secrets. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly hosts: ToolConfig['hosts'];
  readonly rights: readonly Rights[];
  /** Whether it reads pages of the hosts in `task.allowedDomains`. */
  readonly scrapes: boolean;
  /** Whether it exchanges clients' tokens at the issuer. */
  readonly exchangesTokens: boolean;
}

/** Characters of the values of all tools as JSON, references included: part of the 64 KB of a task definition. */
const MAX_CHARACTERS = 12_000;
/** With the longest ARNs they fit five of the ten managed policies that a role takes. */
const MAX_SECRETS = 20;
/** Characters of all rights as JSON, and of one: they fit four such policies of 6,144 characters. */
const MAX_RIGHTS_CHARACTERS = 11_000;
const MAX_RIGHT_CHARACTERS = 5000;
/** Names in a list of the DNS firewall, of the thousand that it takes in one request. */
const MAX_HOSTS = 300;

/**
 * Resolves the tools of a stage.
 *
 * @param definitions the tools of the service; none for a stack whose image has tools of its own
 * @param options the stage's `tools`; absent for every tool
 * @returns the tools by the order of their definitions, and a line for each problem: the option, the rule, the value
 */
export function serveTools(
  definitions: readonly ToolDefinition[],
  options: ToolsOption,
  region: string,
): { readonly tools: readonly ServedTool[]; readonly problems: readonly string[] } {
  const names = definitions.map(({ name }) => name);
  const served = options === undefined ? names : names.filter((name) => Object.hasOwn(options, name));
  const { problems, configs } = checkToolConfig(definitions, withReferences(options ?? {}, region), served);
  const scraping = new Set(definitions.flatMap(({ name, needs }) => (needs?.scrape ? [name] : [])));
  const tools = served.map((name): ServedTool => {
    const { settings = {}, secrets = {}, ...limits } = options?.[name] ?? {};
    const { hosts = [], awsActions = [], tokenExchange } = configs.get(name) ?? {};
    const values = { ...(Object.keys(settings).length > 0 && { settings }), ...limits };
    const rights = throughServices(awsActions);
    const uses = { scrapes: scraping.has(name), exchangesTokens: tokenExchange !== undefined };
    return { name, values, secrets, hosts, rights, ...uses };
  });
  return {
    tools,
    problems: [
      ...problems.map((problem) => `tools.${problem}`),
      ...tools.flatMap((tool) => [...rightsProblems(tool, region), ...regionProblems(tool, region)]),
      ...sizeProblems(tools, region),
    ],
  };
}

/** The stage's values as the service gets them. The reference of a secret that does not exist yet is only an example. */
function withReferences(options: NonNullable<ToolsOption>, region: string) {
  return Object.fromEntries(
    Object.entries(options).map(([name, values]) => [
      name,
      { ...values, secrets: referencesOf(values.secrets, region) },
    ]),
  );
}

function referencesOf(secrets: ServedTool['secrets'], region: string): Record<string, string> {
  const created = `arn:aws:secretsmanager:${region}:000000000000:secret:created-AbCdEf`;
  return Object.fromEntries(
    Object.entries(secrets).map(([name, source]) => [name, `aws-secretsmanager:${arnOf(source) ?? created}`]),
  );
}

/** The ARN of a secret that exists. */
export function arnOf(source: SecretSource): string | undefined {
  if (source === 'create') return undefined;
  return typeof source === 'string' ? source : source.arn;
}

/** Actions of unknown hosts, and resources that no role of this partition can reach. */
function rightsProblems({ name, rights, hosts }: ServedTool, region: string): string[] {
  const { domainSuffix = 'amazonaws.com', partition = 'aws' } = RegionInfo.get(region);
  const namesAws = hosts.some(
    (host) => host.name.endsWith(`.${domainSuffix}`) || /\.(?:api\.)?aws$/.test(host.name),
  );
  const unknown = namesAws ? [] : unknownActions(rights);
  const foreign = rights
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.startsWith('arn:') && resource.split(':')[1] !== partition);
  return [
    ...unknown.map(
      (action) =>
        `tools.${name} needs ${action}, and the kit does not know the hosts of this service: add them to the tool's needs.hosts, such as ${action.split(':')[0]}.${region}.${domainSuffix}`,
    ),
    ...foreign.map(
      (resource) =>
        `tools.${name} needs resources of the partition of its region, ${partition}, got ${JSON.stringify(resource)}`,
    ),
  ];
}

/** Secrets and keys are read in the region of the stage only. */
function regionProblems({ name, secrets }: ServedTool, region: string): string[] {
  return Object.entries(secrets).flatMap(([secret, source]) => {
    const arns = typeof source === 'object' ? [source.arn, source.kmsKeyArn] : [arnOf(source) ?? []].flat();
    return arns
      .filter((arn) => regionOf(arn) !== region)
      .map(
        (arn) =>
          `tools.${name}.secrets.${secret} must be in the region of the stage, ${region}, got ${JSON.stringify(arn)}`,
      );
  });
}

/** Limits of a task definition, of IAM and of DNS Firewall, for all tools together. */
function sizeProblems(tools: readonly ServedTool[], region: string): string[] {
  const charactersOf = (value: unknown) => JSON.stringify(value).length;
  const values = tools.map((tool) => [tool.name, tool.values, referencesOf(tool.secrets, region)]);
  const rights = tools.flatMap((tool) => tool.rights);
  const sizes = [
    ['values', charactersOf(values), MAX_CHARACTERS, 'characters as JSON'],
    ['needs.awsActions', charactersOf(rights), MAX_RIGHTS_CHARACTERS, 'characters as JSON'],
    ['secrets', tools.flatMap(({ secrets }) => Object.keys(secrets)).length, MAX_SECRETS, 'in all'],
    ['needs.hosts', namesOf(tools, region).length, MAX_HOSTS, 'names, with those of AWS services'],
  ] as const;
  return [
    ...sizes.flatMap(([what, got, most, unit]) =>
      got <= most ? [] : [`tools must have together ${what} of at most ${most} ${unit}, got ${got}`],
    ),
    ...tools.flatMap(({ name, rights: own }) =>
      own
        .filter((right) => charactersOf(right) > MAX_RIGHT_CHARACTERS)
        .map(
          (right) =>
            `tools.${name} must have needs.awsActions of at most ${MAX_RIGHT_CHARACTERS} characters each as JSON, got ${charactersOf(right)}`,
        ),
    ),
  ];
}

/** Names that the tools resolve: their own hosts, and those of the AWS services that they call. */
export function namesOf(tools: readonly ServedTool[], region: string): string[] {
  const own = tools.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  return [
    ...new Set([
      ...own,
      ...hostsOfRights(
        tools.flatMap(({ rights }) => rights),
        region,
      ),
    ]),
  ];
}
