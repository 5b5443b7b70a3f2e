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
  /** The lists that have more pages than were read. */
  readonly unread: readonly ListMethod[];
}

/** The lists by their method, with the member of the result that holds the items. */
export const LISTS = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'prompts/list': 'prompts',
  'resources/templates/list': 'resourceTemplates',
} as const;
export type ListMethod = keyof typeof LISTS;

const MAX_PAGES = 25;
const MAX_ITEMS = 1000;

export interface Listing {
  /** The first page. */
  readonly answer: Answer;
  readonly items: readonly unknown[];
  /** Whether the last page was read. */
  readonly isWhole: boolean;
}

/** Reads a list and follows `nextCursor`, up to 25 pages or 1000 items. */
export async function listAll(
  method: ListMethod,
  ask: (params: Readonly<Record<string, unknown>>) => Promise<Answer>,
): Promise<Listing> {
  const answer = await ask({});
  const items: unknown[] = [];
  const cursors = new Set<string>();
  let isWhole = true;
  for (let page: Answer | undefined = answer; page !== undefined; ) {
    const result: Item | undefined = resultOf(page);
    if (result === undefined) {
      isWhole = page === answer;
      break;
    }
    const given = Array.isArray(result[LISTS[method]]) ? (result[LISTS[method]] as unknown[]) : [];
    const cursor = result['nextCursor'];
    // A server that names a page again has no more.
    const hasNext = typeof cursor === 'string' && !cursors.has(cursor);
    const room = MAX_ITEMS - items.length;
    isWhole = given.length <= room && !(hasNext && (given.length === room || cursors.size === MAX_PAGES - 1));
    items.push(...given.slice(0, room));
    if (!isWhole || !hasNext) break;
    cursors.add(cursor);
    page = await ask({ cursor });
  }
  return { answer, items, isWhole };
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
    unread: [...lists].flatMap(([method, { isWhole }]) => (isWhole ? [] : [method])),
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
    unread: [...new Set(all.flatMap(({ unread }) => unread))],
  };
}
