import type { ListedTool, ServedTool } from './served-tool.ts';

/** The tools that a set of scopes may call, in the order of `createTools`. */
export type ToolLists = (granted?: ReadonlySet<string>) => readonly ListedTool[];

/**
 * A client does not see tools that it may not call; if it calls one anyway, the refusal names the missing scope. A list
 * is made once per set of visible tools, and is the same object from then on.
 */
export function createToolLists(tools: readonly ServedTool[]): ToolLists {
  const lists = new Map<string, readonly ListedTool[]>();
  return (granted = new Set()) => {
    const visible = tools.map(({ scopes }) => scopes.every((scope) => granted.has(scope)));
    const key = visible.map(Number).join('');
    let list = lists.get(key);
    if (list === undefined) {
      list = tools.filter((_tool, index) => visible[index]).map(({ entry }) => entry);
      lists.set(key, list);
    }
    return list;
  };
}
