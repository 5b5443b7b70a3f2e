import type { ReadResourceResult } from '@modelcontextprotocol/server';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import type { Resource, ResourceContent } from '../resources/resource.ts';
import type { CallContext } from '../tools/tool.ts';
import { cutText } from '../well-formed.ts';
import { createGuard, type GuardOptions, type ProtocolRequest, type Rules } from './guard.ts';
import { isTemplate, MAX_URI, type MatchUri, uriPattern } from './uri-pattern.ts';

interface Described {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

/** A resource as `resources/list` shows it. */
export interface ListedResource extends Described {
  readonly uri: string;
}

/** A template as `resources/templates/list` shows it. */
export interface ListedTemplate extends Described {
  readonly uriTemplate: string;
}

/** A resource or a template as the protocol layer serves it. */
export interface ServedResource extends Rules {
  readonly entry: ListedResource | ListedTemplate;
  readonly matches: MatchUri;
  read(uri: string, call: CallContext): Promise<ReadResourceResult>;
}

/** Largest content of one read, in bytes: that of a scraped page. */
const MAX_BYTES = 1024 * 1024;

/** @throws Error at startup, when its URI is not valid */
export function servedResource(resource: Resource | ServedResource): ServedResource {
  if ('entry' in resource) return resource;
  const { uri, name, title, description, mimeType, scopes, deadlineMs, limitPerMinute } = resource;
  const described = { name, title, description, mimeType };
  const matches = uriPattern(uri);
  return {
    entry: isTemplate(uri) ? { uriTemplate: uri, ...described } : { uri, ...described },
    ...{ scopes, deadlineMs, limitPerMinute, matches },
    async read(given, call) {
      const content = await resource.read(matches(given) ?? {}, call);
      return { contents: [{ uri: given, mimeType, ...bounded(content) }] };
    },
  };
}

function bounded({ text, bytes }: ResourceContent): { text: string } | { blob: string } {
  const size = text === undefined ? bytes?.length : Buffer.byteLength(text);
  if (size === undefined || size > MAX_BYTES) {
    throw new Error(`the content must be text or bytes, at most ${MAX_BYTES} bytes, got ${size}`);
  }
  return text === undefined
    ? { blob: Buffer.from(bytes ?? []).toString('base64') }
    : { text: text.toWellFormed() };
}

/**
 * Reads a resource for an authenticated client.
 *
 * @throws ServiceError of every refusal and failure
 */
export type ReadResource = (
  uri: string,
  context: RequestContext,
  mcpReq?: ProtocolRequest,
) => Promise<ReadResourceResult>;

export interface ResourceReaderOptions extends GuardOptions {
  readonly resources: readonly ServedResource[];
}

/** The resource stage: URI, scope, limit, deadline, work, safe error, in this order. */
export function createResourceReader({ resources, ...options }: ResourceReaderOptions): ReadResource {
  const guard = createGuard(options);
  // One resource comes before the templates that its URI matches too.
  const all = [...resources].sort(
    (a, b) => Number('uriTemplate' in a.entry) - Number('uriTemplate' in b.entry),
  );
  return async (uri, context, mcpReq) => {
    const found = uri.length > MAX_URI ? undefined : all.find(({ matches }) => matches(uri) !== undefined);
    const name = found === undefined ? uri : uriOf(found.entry);
    try {
      if (found === undefined) throw unknown(uri);
      const checked = { run: (call: CallContext) => found.read(uri, call) };
      const result = await guard.run('resource', name, found, checked, context, mcpReq);
      context.outcome = 'ok';
      return result;
    } catch (thrown) {
      const isUnknown = thrown instanceof ServiceError && thrown.code === 'resource_unknown';
      throw guard.refused('resource', name, isUnknown ? unknown(uri) : thrown, context);
    }
  };
}

/** With the URI, by which clients recognize this error (MCP 2026-07-28, resources, Error Handling). */
function unknown(uri: string): ServiceError {
  return new ServiceError('resource_unknown', { data: { uri: cutText(uri, MAX_URI) } });
}

/** The URI of an entry, or its template. */
export function uriOf(entry: ListedResource | ListedTemplate): string {
  return 'uri' in entry ? entry.uri : entry.uriTemplate;
}
