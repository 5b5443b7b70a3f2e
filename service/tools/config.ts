import type * as z from 'zod';
import { didYouMean } from '../did-you-mean.ts';
import { BOUNDS, type Bounds, SCOPE_TOKEN, TOOL_NAME } from '../environment/bounds.ts';
import { describeValue, domain } from '../environment/variables.ts';
import { isRecord, type Json } from '../json-field.ts';
import { isCredentialName } from '../logging/credential-names.ts';
import type { AllowedHost } from '../outgoing/host-guard.ts';
import { privateName } from '../outgoing/host-names.ts';
import { parseSecretReference, type SecretReference } from '../secrets/reference.ts';
import type { ToolDefinition } from './definition.ts';
import type { AwsNeed, ExchangeNeed, HostNeed, OfSettings, ToolNeeds } from './needs.ts';

/** The checked values of one tool. */
export interface ToolConfig {
  /** The settings, with defaults. */
  readonly settings: Json;
  /** The reference of each secret that the tool names. */
  readonly secrets: Readonly<Record<string, SecretReference>>;
  /** Replaces the tool's own deadline, in milliseconds, 100–50000. */
  readonly deadlineMs?: number | undefined;
  /** Replaces the tool's own limit, 1–100000. */
  readonly limitPerMinute?: number | undefined;
  readonly hosts: readonly AllowedHost[];
  readonly awsActions: readonly AwsNeed[];
  readonly tokenExchange?: ExchangeNeed | undefined;
}

export interface CheckedToolConfig {
  /** Each as `TOOL.MEMBER RULE, got VALUE`. Contains no secret. */
  readonly problems: readonly string[];
  /** The values of every served tool. Complete if there are no problems. */
  readonly configs: ReadonlyMap<string, ToolConfig>;
}

const MEMBERS = ['settings', 'secrets', 'deadlineMs', 'limitPerMinute'];
const SECRET_NAME = /^[a-z][A-Za-z0-9]{0,31}$/;
const ACTION = /^[a-z0-9-]{1,64}:[A-Za-z][A-Za-z0-9]{0,127}$/;
/** An ARN; in the stack it may begin with a token, which is not resolved yet. */
const RESOURCE = /^(?:arn:|\$\{)\S{1,2046}$/;
const DEADLINE: Omit<Bounds, 'default'> = { min: 100, max: BOUNDS.scrapeTimeoutMs.max };

/**
 * Checks the values that a stage gives its tools against what the tools need. The stack and the service both call it, so
 * that synth and start report the same problems: all of them, each with the tool, the member, the rule and the value.
 *
 * @param config `{ NAME: { settings, secrets, deadlineMs, limitPerMinute } }`; every member may be left out
 * @param served the names of the tools that the stage serves. @default - all
 */
export function checkToolConfig(
  definitions: readonly ToolDefinition[],
  config: unknown,
  served: readonly string[] = definitions.map(({ name }) => name),
): CheckedToolConfig {
  const problems = checkDefinitions(definitions);
  const configs = new Map<string, ToolConfig>();
  if (!isRecord(config)) {
    return { problems: [...problems, 'the values must be an object with a member for each tool'], configs };
  }
  const names = definitions.map(({ name }) => name);
  for (const name of Object.keys(config)) {
    if (!names.includes(name))
      problems.push(`${name} is not a tool${didYouMean(name, names)}; ${listed('tools', names)}`);
    else if (!served.includes(name))
      problems.push(`${name} is not served here; serve it, or remove its values`);
  }
  for (const { name, needs = {} } of definitions) {
    if (!served.includes(name)) continue;
    configs.set(name, checkOne(name, needs, Object.hasOwn(config, name) ? config[name] : {}, problems));
  }
  return { problems, configs };
}

/** Problems of the tools themselves, which the values of a stage cannot solve. */
function checkDefinitions(definitions: readonly ToolDefinition[]): string[] {
  const names = definitions.map(({ name }) => name);
  return definitions.flatMap(({ name, needs }, index) => [
    ...(TOOL_NAME.test(name)
      ? []
      : [`${describe(name)} must be 1 to 64 of letters, digits, _ and -, as a tool's name`]),
    ...(names.indexOf(name) === index ? [] : [`${name} is the name of two tools; rename one`]),
    ...exchangeProblems(name, needs),
    ...(needs?.secrets ?? [])
      .filter((secret) => !SECRET_NAME.test(secret))
      .map(
        (secret) =>
          `${name}.needs.secrets must be a lower-case letter and up to 31 letters and digits each, got ${describe(secret)}`,
      ),
  ]);
}

function exchangeProblems(name: string, { tokenExchange, secrets = [] }: ToolNeeds = {}): string[] {
  if (tokenExchange === undefined) return [];
  const { audience, scopes = [], credentials } = tokenExchange;
  const path = `${name}.needs.tokenExchange`;
  return [
    ...(/^[\x21-\x7e]{1,512}$/.test(audience)
      ? []
      : [`${path}.audience must be 1 to 512 printable characters without blanks, got ${describe(audience)}`]),
    ...scopes
      .filter((scope) => !SCOPE_TOKEN.test(scope))
      .map((scope) => `${path}.scopes must be scope tokens (RFC 6749 §3.3), got ${describe(scope)}`),
    ...(secrets.includes(credentials)
      ? []
      : [`${path}.credentials must be one of ${name}.needs.secrets, got ${describe(credentials)}`]),
  ];
}

function checkOne(name: string, needs: ToolNeeds, values: unknown, problems: string[]): ToolConfig {
  if (!isRecord(values))
    problems.push(`${name} must be an object with ${MEMBERS.join(', ')}, got ${kindOf(values)}`);
  const given = isRecord(values) ? values : {};
  const { settings: ofSettings = {}, secrets: ofSecrets = {}, deadlineMs, limitPerMinute } = given;
  for (const member of Object.keys(given)) {
    if (MEMBERS.includes(member)) continue;
    problems.push(
      `${name}.${member} is not a member${hint(member, MEMBERS, needs)}; ${listed('members', MEMBERS)}`,
    );
  }
  const before = problems.length;
  const settings = checkSettings(name, needs, ofSettings, problems);
  const isComplete = problems.length === before;
  return {
    settings,
    tokenExchange: needs.tokenExchange,
    secrets: checkSecrets(name, needs, ofSecrets, problems),
    deadlineMs: checkNumber(`${name}.deadlineMs`, deadlineMs, DEADLINE, problems),
    limitPerMinute: checkNumber(
      `${name}.limitPerMinute`,
      limitPerMinute,
      BOUNDS.toolLimitPerMinute,
      problems,
    ),
    // They are functions of valid settings.
    hosts: isComplete ? checkList(`${name}.needs.hosts`, needs.hosts, settings, checkHost, problems) : [],
    awsActions: isComplete
      ? checkList(`${name}.needs.awsActions`, needs.awsActions, settings, checkAws, problems)
      : [],
  };
}

function checkSettings(
  name: string,
  { settings, secrets }: ToolNeeds,
  given: unknown,
  problems: string[],
): Json {
  const path = `${name}.settings`;
  if (!isRecord(given)) {
    problems.push(`${path} must be an object, got ${kindOf(given)}`);
    return {};
  }
  const shape = Object.keys(settings?.shape ?? {});
  const known = Object.fromEntries(Object.entries(given).filter(([key]) => shape.includes(key)));
  for (const key of Object.keys(given)) {
    if (shape.includes(key)) continue;
    const isSecret = secrets?.includes(key) === true;
    const why = isSecret
      ? `; it is a secret: write its reference in ${name}.secrets`
      : didYouMean(key, shape);
    problems.push(`${path}.${key} is not a setting of the tool${why}; ${listed('settings', shape)}`);
  }
  if (settings === undefined) return {};
  const parsed = settings.safeParse(known);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) problems.push(`${path}.${explain(issue, known, settings)}`);
  return {};
}

/** The member, the rule that it breaks and its value, unless the member's name suggests a secret. */
function explain(issue: z.core.$ZodIssue, given: Json, settings: z.ZodObject): string {
  const path = issue.path.map(String);
  const at = path.join('.');
  let value: unknown = given;
  for (const key of path) value = isRecord(value) || Array.isArray(value) ? (value as Json)[key] : undefined;
  if (value === undefined) {
    const about = settings.shape[path[0] ?? '']?.description;
    return `${at} is required${about === undefined ? '' : `: ${about}`}`;
  }
  const got = path.some(isCredentialName) ? '(value hidden)' : describeValue(textOf(value));
  return `${at} is not valid: ${issue.message}, ${got}`;
}

function checkSecrets(
  name: string,
  { secrets: needed = [] }: ToolNeeds,
  given: unknown,
  problems: string[],
): Readonly<Record<string, SecretReference>> {
  const path = `${name}.secrets`;
  if (!isRecord(given)) {
    problems.push(`${path} must be an object of references by name, got ${kindOf(given)}`);
    return {};
  }
  for (const key of Object.keys(given)) {
    if (!needed.includes(key)) {
      problems.push(
        `${path}.${key} is not a secret of the tool${didYouMean(key, needed)}; ${listed('secrets', needed)}`,
      );
    }
  }
  return Object.fromEntries(
    needed.flatMap((key) => {
      const text = Object.hasOwn(given, key) ? given[key] : undefined;
      if (text === undefined) problems.push(`${path}.${key} is required: the reference of a secret`);
      else {
        try {
          return [[key, parseSecretReference(String(text))]];
        } catch (error) {
          // A secret may have been pasted in place of its reference.
          problems.push(`${path}.${key} ${(error as Error).message} (value hidden)`);
        }
      }
      return [];
    }),
  );
}

function checkNumber(
  path: string,
  given: unknown,
  { min, max }: Omit<Bounds, 'default'>,
  problems: string[],
): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max) return given;
  problems.push(`${path} must be a whole number from ${min} to ${max}, ${describeValue(textOf(given))}`);
  return undefined;
}

/** The items of a list of needs. @param check throws the broken rule */
function checkList<Item, Checked>(
  path: string,
  needed: OfSettings<z.ZodObject, Item> | undefined,
  settings: Json,
  check: (item: Item) => Checked,
  problems: string[],
): readonly Checked[] {
  let items: readonly Item[] | undefined;
  try {
    items = typeof needed === 'function' ? needed(settings) : (needed ?? []);
  } catch (error) {
    problems.push(`${path} failed for these settings: ${(error as Error).message}`);
    return [];
  }
  return items.flatMap((item) => {
    try {
      return [check(item)];
    } catch (error) {
      problems.push(`${path} ${(error as Error).message}, ${describeValue(textOf(item))}`);
      return [];
    }
  });
}

function checkHost(needed: HostNeed): AllowedHost {
  const { host, internal = false } = typeof needed === 'string' ? { host: needed } : needed;
  const [, http, text = ''] = /^(http:\/\/)?(.*)$/s.exec(host) ?? [];
  let name: string;
  try {
    name = domain(text);
  } catch {
    name = '*';
  }
  if (name === '*') {
    throw new Error(
      'must be host names such as api.example.com, *.example.com or http://api.example.com (IDN as punycode)',
    );
  }
  const special = privateName(name.replace(/^\*\./, ''));
  if (internal && name.startsWith('*.')) throw new Error('must have an exact name with internal: true');
  if (internal && /(?:^|\.)(?:localhost|onion|invalid)$/.test(name)) {
    throw new Error('must not have a name that no network may serve');
  }
  if (!internal && special !== undefined)
    throw new Error(`must have public names, or internal: true (${special})`);
  return { name, protocol: http === undefined ? 'https:' : 'http:', internal };
}

function checkAws({ actions, resources }: AwsNeed): AwsNeed {
  if (actions.length === 0 || !actions.every((action) => ACTION.test(action))) {
    throw new Error('must have actions such as dynamodb:Query, without wildcards');
  }
  const isAny = resources.length === 1 && resources[0] === '*';
  if (!isAny && (resources.length === 0 || !resources.every((resource) => RESOURCE.test(resource)))) {
    throw new Error("must have resources that are ARNs, or ['*'] for actions without a resource");
  }
  return { actions, resources };
}

function hint(member: string, members: readonly string[], { settings, secrets = [] }: ToolNeeds): string {
  if (Object.hasOwn(settings?.shape ?? {}, member)) return `; it is a setting: write it in settings`;
  return secrets.includes(member)
    ? '; it is a secret: write its reference in secrets'
    : didYouMean(member, members);
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? `there are no ${what}` : `${what}: ${names.join(', ')}`;
}

function describe(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
