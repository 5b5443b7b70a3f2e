import type * as z from 'zod';
import type { Recording } from '../logging/recorded-arguments.ts';

/**
 * The needs of a tool. The stack derives the task's environment, its IAM rights, its secrets and the
 * names in its DNS firewall from this statement; the service checks the stage's values against it at the start.
 *
 * A list that depends on settings is a function of them: `hosts: ({ apiHost }) => [apiHost]`. It is called at synth and at
 * the start, so it must be pure.
 */
export interface ToolNeeds<Settings extends z.ZodObject = z.ZodObject, Secret extends string = string> {
  /**
   * Values that a stage chooses: a strict object whose members are JSON, bounded and described. A member with a default
   * may be left out. No secret belongs here.
   *
   * @default - none
   */
  readonly settings?: Settings;
  /** Names of secrets, such as `apiKey`: a lower-case letter, then up to 31 letters and digits. @default - none */
  readonly secrets?: readonly Secret[];
  /** Hosts that the tool connects to with `context.fetch`, and with nothing else. @default - none */
  readonly hosts?: OfSettings<Settings, HostNeed>;
  /**
   * Rights of the task's role. A tool calls AWS with the AWS SDK, whose hosts the stack derives from the actions.
   *
   * @default - none
   */
  readonly awsActions?: OfSettings<Settings, AwsNeed>;
  /**
   * Whether the tool reads pages of the hosts that a stage allows in `task.allowedDomains`: it gets the `SCRAPE_*` variables as
   * `start.scrape`. A stage that serves no such tool has none of them, and resolves none of these names.
   *
   * @default false
   */
  readonly scrape?: boolean;
  /**
   * The system for which `context.upstreamToken` gets an access token by token exchange (RFC 8693), for the user of the
   * call. Only with OAuth.
   *
   * @default - none
   */
  readonly tokenExchange?: ExchangeNeed<Secret>;
  /**
   * How much of a call's arguments the audit record has, for all arguments or for each by name. `'*'` is the rule for
   * arguments that are not named. Arguments that are not in the tool's schema follow the strictest rule of the tool.
   *
   * @default 'full'
   */
  readonly record?: Recording | Readonly<Record<string, Recording>>;
}

/** An upstream system that trusts the issuer of the clients' tokens. */
export interface ExchangeNeed<Secret extends string = string> {
  /** Parameter `audience` of the exchange, as the issuer knows the system: 1–512 printable characters without blanks. */
  readonly audience: string;
  /** Scopes to ask for. @default - those that the issuer gives without any */
  readonly scopes?: readonly string[];
  /** Name in `secrets` of this server's credentials at the issuer: `{"clientId":"…","clientSecret":"…"}`. */
  readonly credentials: Secret;
}

/** A list, or a function of the settings to one. */
export type OfSettings<Settings extends z.ZodObject, Item> =
  | readonly Item[]
  | ((settings: z.output<Settings>) => readonly Item[]);

/**
 * A host that a tool connects to: an exact DNS name or `*.example.com` (any subdomain), over https. `http://NAME` allows
 * that name over http instead.
 */
export type HostNeed =
  | string
  | {
      readonly host: string;
      /**
       * Whether the host may have a private address (RFC 1918, or fc00::/7): a service of the company's own network. Only
       * for exact names. Loopback and link-local addresses, metadata services among them, stay refused.
       *
       * @default false
       */
      readonly internal?: boolean;
    };

/** Rights to some AWS resources. */
export interface AwsNeed {
  /** IAM actions with their service, such as `dynamodb:Query`, without wildcards. */
  readonly actions: readonly string[];
  /** ARNs. `['*']` alone is for actions that have no resource, and needs an acknowledgement in the stack. */
  readonly resources: readonly string[];
}
