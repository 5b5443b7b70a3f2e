import type { GetPromptResult } from '@modelcontextprotocol/server';
import { ServiceError } from '../errors.ts';
import { isRecord, type Json } from '../json-field.ts';
import type { ServedPrompt } from '../mcp/get-prompt.ts';
import type { CallContext } from '../tools/tool.ts';
import { cutText } from '../well-formed.ts';
import { parseDefinition, promptDefinition } from './definitions.ts';
import { toServiceError } from './failure.ts';
import type { LockedPrompt } from './lock.ts';
import { callerMeta, type PinnedParts } from './parts.ts';
import { visibleMessages } from './result.ts';

/** A prompt of the server behind this one. */
export function pinnedPrompt(
  locked: LockedPrompt,
  { connection, isAsPinned, turns }: PinnedParts,
): ServedPrompt {
  const { name, scopes, deadlineMs, limitPerMinute, description } = locked;
  const entry = parseDefinition(promptDefinition, locked);
  const known = new Set(entry.arguments?.map((argument) => argument.name));
  const required = entry.arguments?.filter((argument) => argument.required === true) ?? [];

  async function run(given: Record<string, string>, call: CallContext): Promise<GetPromptResult> {
    const { signal } = call;
    try {
      if (!(await isAsPinned(name))) throw new ServiceError('prompt_changed', { reason: name });
      const params = { name, arguments: given, _meta: callerMeta(call) };
      const { messages } = await connection.use(signal, (client) =>
        client.request({ method: 'prompts/get', params }, { signal, timeout: deadlineMs }),
      );
      return {
        ...(description !== undefined && { description }),
        messages: await visibleMessages(messages, turns.begin(signal)),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw toServiceError(error);
    }
  }

  function problemOf(given: Json): string | undefined {
    const unknown = Object.keys(given).find((argument) => !known.has(argument));
    if (unknown !== undefined) return `the prompt has no argument ${JSON.stringify(cutText(unknown, 64))}`;
    const missing = required.find((argument) => !Object.hasOwn(given, argument.name));
    if (missing !== undefined) return `the argument ${missing.name} is missing`;
    const wrong = Object.keys(given).find((argument) => typeof given[argument] !== 'string');
    return wrong === undefined ? undefined : `the argument ${wrong} must be a text`;
  }

  return {
    ...{ entry, scopes, deadlineMs, limitPerMinute },
    check(given) {
      const problem = isRecord(given) ? problemOf(given) : 'the arguments must be an object';
      return problem === undefined
        ? { run: (call) => run(given as Record<string, string>, call) }
        : { problem };
    },
  };
}
