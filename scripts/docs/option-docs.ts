import * as z from 'zod';
import { stageConfig } from '../../infra/stage-config.ts';

/** A part of a stage's JSON Schema. `absent`, `rule`, `characters` and `update` are the kit's own (infra/lib/option-types.ts). */
export interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** Behaviour without the option, if it has no default. */
  readonly absent?: string;
  /** Advice for changing the option in a running stage, if AWS refuses the change or it loses data. */
  readonly update?: string;
  /** The rule of the value, as errors state it. */
  readonly rule?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Maximum of the characters of all items together, as JSON. */
  readonly characters?: number;
  readonly items?: OptionSchema;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  /** The values of a group whose members have names of their own, such as `tools`. */
  readonly additionalProperties?: OptionSchema;
  readonly required?: readonly string[];
}

/** An option of a stage. */
export interface OptionDoc {
  /**
   * Such as `task.oauth.issuer`, `secrets.clients[].clientId` within a list, or `tools.NAME.settings` within a group whose members have
   * names of their own.
   */
  readonly path: string;
  readonly schema: OptionSchema;
  readonly required: boolean;
}

/** The JSON Schema of a stage. */
export function stageSchema(): OptionSchema {
  return z.toJSONSchema(stageConfig, { io: 'input' }) as OptionSchema;
}

/**
 * Every option of a schema, in the order of the source.
 *
 * @throws Error naming an option without a description, or an optional one without a default or `absent`
 */
export function optionDocs(schema: OptionSchema = stageSchema(), prefix = ''): OptionDoc[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const path = `${prefix}${name}`;
    const required = schema.required?.includes(name) ?? false;
    const group = option.properties !== undefined;
    if (!group && option.description === undefined) throw new Error(`${path} has no description`);
    if (!required && option.default === undefined && option.absent === undefined) {
      throw new Error(`${path} must have a default, or describe in absent the behaviour without it`);
    }
    const within = [
      ...optionDocs({ properties: option.properties ?? {}, required: option.required ?? [] }, `${path}.`),
      ...optionDocs(option.items ?? {}, `${path}[].`),
      ...optionDocs(option.additionalProperties ?? {}, `${path}.NAME.`),
    ];
    return [{ path, schema: option, required }, ...within];
  });
}
