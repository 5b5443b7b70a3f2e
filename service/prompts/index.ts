import type { Prompt } from './prompt.ts';

/** Every prompt of this server, in the order of their names. Prompts that are not listed here are not served. */
export function createPrompts(): readonly Prompt[] {
  const prompts: Prompt[] = [];
  return prompts.sort((a, b) => (a.name < b.name ? -1 : 1));
}
