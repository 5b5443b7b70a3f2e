import * as z from 'zod';
import { redactText } from '../logging/redact-text.ts';
import { parseSecretReference } from '../secrets/reference.ts';
import { cutText } from '../well-formed.ts';
import { APP_ORIGIN, type Bounds, PRINTABLE, TOOL_NAME, URL_TEXT } from './bounds.ts';

/** Makes a schema from a function that throws the broken rule as its message. */
export function text<T>(parse: (value: string) => T): z.ZodType<T, string> {
  return z.string().transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

/** Variables whose value may be a secret that was pasted in place of a reference. */
export const HIDDEN: ReadonlySet<string> = new Set([
  'MCP_AUTH_TOKENS',
  'MCP_DEV_TOKEN',
  'MCP_AUDIT_KEY',
  'MCP_ACCESS_LIST',
  'MCP_RATE_LIMIT_STORE',
  'MCP_RATE_LIMIT_STORE_PASSWORD',
  'MCP_TOOL_CONFIG',
  'MCP_CA_CERTIFICATES',
  'SCRAPE_API_KEY',
]);

/** A value for error messages: cut short, and without text that looks like a credential. */
export function describeValue(value: string): string {
  return `got ${JSON.stringify(redactText(cutText(value, 200)))}`;
}

/** Marks a variable that must be set. */
export const required: unique symbol = Symbol('required');

/** Reads one variable through its schema. @returns undefined when it is invalid or missing, which records a problem */
export type Read<Name extends string> = <T>(
  name: Name,
  schema: z.ZodType<T, string>,
  fallback: T | typeof required,
) => T | undefined;

/** Settings that may have problems: a setting with a recorded problem is undefined. */
export type Unchecked<T> = { readonly [Name in keyof T]: T[Name] | undefined };

/** Records a problem for a variable that must not be set here. */
export type Refuse<Name extends string> = (name: Name, when: boolean, why: string) => void;

/** A secret reference. Its text is never repeated. */
export const secret = text(parseSecretReference);
/** One of a few words. */
export function oneOf<T extends string>(...values: T[]): z.ZodType<T, string> {
  return text((value) => {
    const found = values.find((allowed) => allowed === value);
    if (found === undefined) throw new Error(`must be ${values.join(' or ')}`);
    return found;
  });
}

/** A whole number within bounds, both included. */
export function integer(minimum: number, maximum: number): z.ZodType<number, string> {
  return text((value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= minimum && number <= maximum)) {
      throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
    }
    return number;
  });
}

/** A whole number within the bounds of a setting. */
export function within({ min, max }: Bounds): z.ZodType<number, string> {
  return integer(min, max);
}

/** A comma-separated list. Blanks around entries and empty entries are ignored. */
export function list<T>(item: (value: string) => T): z.ZodType<T[], string> {
  return text((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
      .map(item),
  );
}

/** An address to listen on. */
export const address = text((value) => {
  if (!/^[\w.:-]+$/.test(value)) throw new Error('must be an IP address or host name');
  return value;
});

/** A loopback address: a server without TLS must not be reachable from the network. */
export const loopback = text((value) => {
  if (!['127.0.0.1', '::1', 'localhost'].includes(value)) {
    throw new Error('must be 127.0.0.1, ::1 or localhost in the local profile');
  }
  return value;
});

/** A bearer token given by a developer. */
export const devToken = text((value) => {
  if (!/^[\w.~+/-]{16,512}=*$/.test(value)) {
    throw new Error('must be 16 to 512 characters that a Bearer header can carry (RFC 6750, b64token)');
  }
  return value;
});

/** An `https` URL without credentials; `http` too for loopback, unless deployed. */
function secureUrl(value: string, deployed: boolean): URL {
  const url = URL.parse(value);
  const local = !deployed && ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '');
  const secure = url?.protocol === 'https:' || (local && url?.protocol === 'http:');
  if (url === null || !secure || url.username || url.password || !URL_TEXT.test(value)) {
    throw new Error(`must be an https URL without credentials${deployed ? '' : ', or http on loopback'}`);
  }
  return url;
}

/** The URL of a document to fetch. */
export function httpsUrl(deployed: boolean): z.ZodType<URL, string> {
  return text((value) => secureUrl(value, deployed));
}

/** An issuer identifier (RFC 8414 §2), kept exactly: with and without a trailing slash are two issuers. */
export function issuer(deployed: boolean): z.ZodType<string, string> {
  return text((value) => {
    secureUrl(value, deployed);
    if (/[?#]/.test(value)) throw new Error('must be an issuer URL without query and fragment');
    return value;
  });
}

/** The audience of tokens: a URL, or a name that the issuer gave this server. */
export const audience = scopeText('one audience');
/** The text that the issuer expects before a scope. */
export const scopePrefix = scopeText('the text before a scope');

/** Characters of a scope (RFC 6749 §3.3), which a challenge can contain without escaping. */
function scopeText(what: string): z.ZodType<string, string> {
  return text((value) => {
    if (!PRINTABLE.test(value)) {
      throw new Error(`must be ${what}: 1 to 512 printable ASCII characters without blanks and quotes`);
    }
    return value;
  });
}

/** The URL that clients are given. */
export function publicUrl(...protocols: string[]): z.ZodType<URL, string> {
  const rule = `must be ${protocols.map((protocol) => `${protocol}//HOST[:PORT]/mcp`).join(' or ')}`;
  return text((value) => {
    const url = URL.parse(value);
    const plain = url !== null && !url.username && !url.password && !url.search && !url.hash;
    if (!plain || url.pathname !== '/mcp' || !protocols.includes(url.protocol)) throw new Error(rule);
    return url;
  });
}

/** An origin in its serialized form, RFC 6454 §6.2. */
export function origin(value: string): string {
  if (APP_ORIGIN.test(value)) return value;
  const url = URL.parse(value);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.origin !== value.toLowerCase() ||
    value.includes('*')
  ) {
    throw new Error('must list exact origins such as https://app.example.com or chrome-extension://ID');
  }
  return url.origin;
}

/** An origin of a page that came over TLS or over no network: any other page may have been modified in transit. */
export function secureOrigin(value: string): string {
  if (/^http:/i.test(value)) {
    throw new Error('must list https origins such as https://app.example.com, or those of extensions');
  }
  return origin(value);
}

/** An entry of the domain allow-list: a name, `*.` before a name, or `*` alone. */
export function domain(value: string): string {
  const name = value.toLowerCase();
  if (name === '*') return name;
  const labels = name.startsWith('*.') ? name.slice(2) : name;
  const valid = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (!valid.test(labels)) {
    throw new Error('must list domains such as example.com or *.example.com (IDN as punycode), or be *');
  }
  return name;
}

/** The name of a tool. */
export function toolName(value: string): string {
  if (!TOOL_NAME.test(value)) throw new Error('must list names of tools, such as scrape_url');
  return value;
}
