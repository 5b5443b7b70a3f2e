import { resultOf } from '../answers.ts';
import type { Answer } from '../exchange.ts';

/** Everything that a tool said, or the error in its place. */
export function toolText(answer: Answer): string {
  const error = answer.messages.find((message) => message.error)?.error;
  return JSON.stringify(resultOf(answer) ?? error ?? '');
}

/** Whether the tool answered without marking its answer as an error. */
export function isToolResult(answer: Answer): boolean {
  const result = resultOf(answer);
  return result !== undefined && result['isError'] !== true;
}
