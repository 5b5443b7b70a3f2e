import type { GetPromptResult } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { TOOL_NAME } from '../environment/bounds.ts';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import type { Prompt } from '../prompts/prompt.ts';
import { type Checked, createGuard, type GuardOptions, type ProtocolRequest, type Rules } from './guard.ts';
import { explain } from './served-tool.ts';

/** A prompt as `prompts/list` shows it. */
export interface ListedPrompt {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly arguments?:
    | {
        readonly name: string;
        readonly title?: string | undefined;
        readonly description?: string | undefined;
        readonly required?: boolean | undefined;
      }[]
    | undefined;
}

/** A prompt as the protocol layer serves it. */
export interface ServedPrompt extends Rules {
  readonly entry: ListedPrompt;
  /** Checks the arguments of a call. Does not throw, and starts nothing. */
  check(given: unknown): Checked<GetPromptResult>;
}

/** @throws Error at startup, when its name is not valid */
export function servedPrompt(prompt: Prompt | ServedPrompt): ServedPrompt {
  if ('entry' in prompt) return prompt;
  const { name, title, description, scopes, deadlineMs, limitPerMinute } = prompt;
  if (!TOOL_NAME.test(name)) {
    throw new Error(
      `a prompt's name must be 1 to 64 of letters, digits, _ and -, got ${JSON.stringify(name.slice(0, 100))}`,
    );
  }
  const entries = Object.entries(prompt.arguments.shape as Record<string, z.ZodType>);
  const listed = entries.map(([argument, type]) => ({
    name: argument,
    ...(type.description !== undefined && { description: type.description }),
    required: !type.safeParse(undefined).success,
  }));
  return {
    entry: { name, title, description, arguments: listed },
    ...{ scopes, deadlineMs, limitPerMinute },
    check(given) {
      const { success, data, error } = prompt.arguments.safeParse(given);
      if (!success) return { problem: explain(error) };
      return {
        async run(call) {
          const messages = await prompt.render(data, call);
          return {
            description,
            messages: messages.map(({ role, text }) => ({
              role,
              content: { type: 'text', text: text.toWellFormed() },
            })),
          };
        },
      };
    },
  };
}

/**
 * Gets the messages of a prompt for an authenticated client.
 *
 * @throws ServiceError of every refusal and failure
 */
export type GetPrompt = (
  name: string,
  given: unknown,
  context: RequestContext,
  mcpReq?: ProtocolRequest,
) => Promise<GetPromptResult>;

export interface PromptGetterOptions extends GuardOptions {
  readonly prompts: readonly ServedPrompt[];
}

/** The prompt stage: scope, arguments, limit, deadline, work, safe error, in this order. */
export function createPromptGetter({ prompts, ...options }: PromptGetterOptions): GetPrompt {
  const guard = createGuard(options);
  const byName = new Map(prompts.map((prompt) => [prompt.entry.name, prompt]));
  return async (name, given, context, mcpReq) => {
    try {
      const prompt = byName.get(name);
      if (prompt === undefined) throw new ServiceError('prompt_unknown');
      const result = await guard.run('prompt', name, prompt, prompt.check(given ?? {}), context, mcpReq);
      context.outcome = 'ok';
      return result;
    } catch (thrown) {
      throw guard.refused('prompt', name, thrown, context);
    }
  };
}
