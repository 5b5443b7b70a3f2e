import { resultOf } from './answers.ts';
import type { Answer } from './exchange.ts';
import { type ListedTool, toolsOf } from './tool-arguments.ts';

type Item = Readonly<Record<string, unknown>>;

/** Everything that a server lists. All members are claims of the server. */
export interface Definitions {
  readonly tools: readonly ListedTool[];
  readonly resources: readonly Item[];
  readonly templates: readonly Item[];
  readonly prompts: readonly Item[];
}

/** The lists by their method, with the member of the result that holds the items. */
export const LISTS = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'prompts/list': 'prompts',
  'resources/templates/list': 'resourceTemplates',
} as const;
export type ListMethod = keyof typeof LISTS;

const MAX_PAGES = 10;
const MAX_ITEMS = 500;

export interface Listing {
  /** The first page. */
  readonly answer: Answer;
  readonly items: readonly unknown[];
}

/** Reads a list and follows `nextCursor`, up to 10 pages or 500 items. */
export async function listAll(
  method: ListMethod,
  ask: (params: Readonly<Record<string, unknown>>) => Promise<Answer>,
): Promise<Listing> {
  const answer = await ask({});
  const items: unknown[] = [];
  const cursors = new Set<string>();
  for (let page: Answer | undefined = answer; page !== undefined; ) {
    const result: Item = resultOf(page) ?? {};
    const more = result[LISTS[method]];
    if (Array.isArray(more)) items.push(...more.slice(0, MAX_ITEMS - items.length));
    const cursor = result['nextCursor'];
    const ends = typeof cursor !== 'string' || cursors.has(cursor) || items.length >= MAX_ITEMS;
    if (ends || cursors.size === MAX_PAGES - 1) break;
    cursors.add(cursor);
    page = await ask({ cursor });
  }
  return { answer, items };
}

export function definitionsOf(lists: ReadonlyMap<ListMethod, Listing>): Definitions {
  const items = (method: ListMethod) =>
    (lists.get(method)?.items ?? []).filter(
      (item): item is Item => typeof item === 'object' && item !== null && !Array.isArray(item),
    );
  return {
    tools: toolsOf(lists.get('tools/list')?.items ?? []),
    resources: items('resources/list'),
    templates: items('resources/templates/list'),
    prompts: items('prompts/list'),
  };
}

/** The definitions of all eras: an item that two eras define alike is there once. */
export function union(all: readonly Definitions[]): Definitions {
  const once = <T extends object>(items: readonly T[]) => [
    ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
  ];
  return {
    tools: once(all.flatMap(({ tools }) => tools)),
    resources: once(all.flatMap(({ resources }) => resources)),
    templates: once(all.flatMap(({ templates }) => templates)),
    prompts: once(all.flatMap(({ prompts }) => prompts)),
  };
}
