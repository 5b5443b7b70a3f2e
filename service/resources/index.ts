import type { Resource } from './resource.ts';

/** Every resource of this server, in the order of their URIs. Resources that are not listed here are not served. */
export function createResources(): readonly Resource[] {
  const resources: Resource[] = [];
  return resources.sort((a, b) => (a.uri < b.uri ? -1 : 1));
}
