import type { z } from 'zod';
import type { CallContext } from '../tools/tool.ts';

/** One message of a prompt. */
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/**
 * One prompt, one file: messages that a person chooses in a client, such as a slash command. The pipeline provides
 * authentication, scopes, limits, deadline, audit and safe errors, as for tools.
 */
export interface Prompt<Arguments extends z.ZodObject = z.ZodObject> {
  /** 1–64 characters of `[A-Za-z0-9_-]`; another name fails the start. */
  readonly name: string;
  readonly title: string;
  /** Written for the person who chooses it. */
  readonly description: string;
  /** A strict object whose members are strings, because the protocol has no other arguments. Bound each. */
  readonly arguments: Arguments;
  /** Scopes a token needs: all of them, each listed explicitly. No scope implies another. */
  readonly scopes: readonly string[];
  /** Maximum duration in milliseconds; then its signal aborts and it counts as timed out. */
  readonly deadlineMs: number;
  /** Calls by one client in any 60 s. @default - MCP_TOOL_LIMIT_PER_MINUTE */
  readonly limitPerMinute?: number;
  /** Makes the messages. Throws ServiceError with text for the client; any other error becomes `prompt_failed`. */
  render(given: z.output<Arguments>, call: CallContext): Promise<readonly PromptMessage[]>;
}
