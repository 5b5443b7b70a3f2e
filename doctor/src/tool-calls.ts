import { messagesOfJson } from './messages.ts';
import type { ListedTool } from './tool-arguments.ts';
import { Inconclusive, inconclusive } from './verdict.ts';

/** What was done with a tool that the server lists. */
export interface ToolUse {
  readonly name: string;
  /** How often it was called. */
  readonly calls: number;
  /** Why it was called, or why not. */
  readonly reason: string;
}

/** Decides which tools are called, for every check: whatever is sent passes `admit`. */
export interface ToolCalls {
  /** Listed tools that may be called. */
  readonly callable: readonly ListedTool[];
  /** Takes the server's list. Before, no tool may be called. */
  learn(tools: readonly ListedTool[]): void;
  /** @throws Inconclusive when none of these listed tools may be called */
  need(tools: readonly ListedTool[]): void;
  /** Counts the calls in what is about to be sent. @throws Inconclusive when one is of a tool that may not be called */
  admit(sent: string | Buffer): void;
  /** What was done with each, in the order of the list. */
  uses(): readonly ToolUse[];
}

/** A name that no server gives a tool. */
export const NO_SUCH_TOOL = 'doctor_no_such_tool';
/** Names that every object of JavaScript has. */
export const INHERITED_NAMES = ['__proto__', 'constructor', 'toString'] as const;
/** What may be called without being listed: there is nothing that it could do. */
const NO_TOOLS: ReadonlySet<string> = new Set([NO_SUCH_TOOL, ...INHERITED_NAMES]);

const UNDECLARED = 'it does not declare readOnlyHint: true';

/**
 * By default only tools that declare `readOnlyHint: true` are called, and not `destructiveHint: true` besides: by the
 * specification any other may change or destroy something.
 *
 * @param callsAll whether every tool may be called
 */
export function createToolCalls(callsAll: boolean): ToolCalls {
  const calls = new Map<string, number>();
  let listed: readonly ListedTool[] = [];

  // A name that is listed twice is called only where each of them may be.
  const mayCall = (name: string) =>
    listed.filter((tool) => tool.name === name).every((tool) => callsAll || readsOnly(tool));
  const isKnown = (name: string) => NO_TOOLS.has(name) || listed.some((tool) => tool.name === name);

  function reasonOf(tool: ListedTool, count: number): string {
    if (!mayCall(tool.name)) return `not called: ${UNDECLARED}`;
    if (count === 0) return 'not called: no check had a use for it';
    return readsOnly(tool)
      ? 'called: it declares readOnlyHint: true'
      : `called by --call-tools: ${UNDECLARED}`;
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
          `not called without --call-tools, for none declares readOnlyHint: true: ${names.join(', ')}${more}`,
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
      const refused = names.find((name) => !isKnown(name) || !mayCall(name));
      if (names.length === 0 || refused !== undefined) {
        throw new Inconclusive(
          inconclusive(`${refused ?? 'a call that cannot be read'} was not called: ${UNDECLARED}`),
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
