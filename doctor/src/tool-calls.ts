import { messagesOfJson } from './messages.ts';
import type { ListedTool } from './tool-arguments.ts';
import { Inconclusive, inconclusive } from './verdict.ts';

/** The use of one tool that the server lists. */
export interface ToolUse {
  readonly name: string;
  /** Number of calls. */
  readonly calls: number;
  /** Why the doctor called the tool or not. */
  readonly reason: string;
}

/** Decides for every check which tools may be called. `admit` inspects every request. */
export interface ToolCalls {
  /** The listed tools that may be called. */
  readonly callable: readonly ListedTool[];
  /** Sets the server's list of tools. Before that, no tool may be called. */
  learn(tools: readonly ListedTool[]): void;
  /** @throws Inconclusive if none of these tools may be called */
  need(tools: readonly ListedTool[]): void;
  /** Counts the tool calls in a request. @throws Inconclusive if it calls a tool that may not be called */
  admit(sent: string | Buffer): void;
  /** The use of each tool, in the order of the list. */
  uses(): readonly ToolUse[];
}

/** A tool name that no server uses. */
export const NO_SUCH_TOOL = 'doctor_no_such_tool';
/** Property names that every JavaScript object inherits. */
export const INHERITED_NAMES = ['__proto__', 'constructor', 'toString'] as const;
/** Names that may be called although they are not listed, because no such tool exists. */
const NO_TOOLS: ReadonlySet<string> = new Set([NO_SUCH_TOOL, ...INHERITED_NAMES]);

const UNDECLARED = 'it does not declare readOnlyHint: true';

/** Which tools may be called: none, those that declare to only read, or all. */
export type ToolPermission = 'none' | 'read-only' | 'all';

/**
 * By default, only tools with `readOnlyHint: true` and without `destructiveHint: true` may be called. By the specification,
 * any other tool may change or delete data.
 */
export function createToolCalls(permission: ToolPermission): ToolCalls {
  const calls = new Map<string, number>();
  let listed: readonly ListedTool[] = [];

  // If the list contains a name twice, both entries must permit the call.
  const mayCall = (name: string) => {
    const entries = listed.filter((tool) => tool.name === name);
    if (entries.length === 0) return NO_TOOLS.has(name);
    return permission !== 'none' && entries.every((tool) => permission === 'all' || readsOnly(tool));
  };
  const forbidden = permission === 'none' ? 'not called because of --no-tools' : `not called: ${UNDECLARED}`;

  function reasonOf(tool: ListedTool, count: number): string {
    if (!mayCall(tool.name)) return forbidden;
    if (count === 0) return 'not called: no check needed it';
    return readsOnly(tool)
      ? 'called: it declares readOnlyHint: true'
      : `called with --call-tools: ${UNDECLARED}`;
  }

  return {
    get callable() {
      return listed.filter(({ name }) => mayCall(name));
    },
    learn(tools) {
      listed = tools;
    },
    need(tools) {
      if (tools.some(({ name }) => mayCall(name))) return;
      const names = tools.slice(0, 3).map(({ name }) => name);
      const more = tools.length > names.length ? ` and ${tools.length - names.length} more` : '';
      throw new Inconclusive(
        inconclusive(
          permission === 'none'
            ? forbidden
            : `not called without --call-tools, because none declares readOnlyHint: true: ${names.join(', ')}${more}`,
        ),
      );
    },
    admit(sent) {
      const text = sent.toString();
      if (!text.includes('tools/call')) return;
      const names = messagesOfJson(text).flatMap((message) => {
        const { method, params } = message as { method?: unknown; params?: { name?: unknown } };
        return method === 'tools/call' ? [String(params?.name)] : [];
      });
      const refused = names.find((name) => !mayCall(name));
      if (names.length === 0 || refused !== undefined) {
        throw new Inconclusive(
          inconclusive(`${refused ?? 'a call that cannot be parsed'} was not called: ${UNDECLARED}`),
        );
      }
      for (const name of names) calls.set(name, (calls.get(name) ?? 0) + 1);
    },
    uses: () =>
      listed.map((tool) => {
        const count = calls.get(tool.name) ?? 0;
        return { name: tool.name, calls: count, reason: reasonOf(tool, count) };
      }),
  };
}

function readsOnly({ annotations: { readOnlyHint, destructiveHint } }: ListedTool): boolean {
  return readOnlyHint === true && destructiveHint !== true;
}
