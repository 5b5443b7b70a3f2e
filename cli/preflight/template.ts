import type { Resource, Template } from '../synthesize.ts';

/** Resources of a type, each with its logical id. */
export function resourcesOf(template: Template, type: string): (readonly [id: string, resource: Resource])[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}

/** Whether the template has a resource of this type. */
export function has(template: Template, type: string): boolean {
  return resourcesOf(template, type).length > 0;
}
