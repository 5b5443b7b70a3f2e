import { ServiceError } from '../errors.ts';
import type { ServedResource } from '../mcp/read-resource.ts';
import { uriPattern } from '../mcp/uri-pattern.ts';
import { resourceEntry } from './definitions.ts';
import { toServiceError } from './failure.ts';
import { KINDS, type LockedResource } from './lock.ts';
import { callerMeta, type PinnedParts } from './parts.ts';
import { visibleContents } from './result.ts';

/** A resource, or a template, of the server behind this one. */
export function pinnedResource(
  locked: LockedResource,
  { connection, isAsPinned, turns }: PinnedParts,
): ServedResource {
  const { scopes, deadlineMs, limitPerMinute, mimeType } = locked;
  const name = KINDS.resources.nameOf(locked);
  return {
    ...{ entry: resourceEntry(locked), matches: uriPattern(name), scopes, deadlineMs, limitPerMinute },
    async read(uri, call) {
      const { signal } = call;
      try {
        if (!(await isAsPinned(name))) throw new ServiceError('resource_changed', { reason: name });
        const params = { uri, _meta: callerMeta(call) };
        const { contents } = await connection.use(signal, (client) =>
          client.request({ method: 'resources/read', params }, { signal, timeout: deadlineMs }),
        );
        return { contents: await visibleContents(contents, { uri, mimeType }, turns.begin(signal)) };
      } catch (error) {
        signal.throwIfAborted();
        throw toServiceError(error);
      }
    },
  };
}
