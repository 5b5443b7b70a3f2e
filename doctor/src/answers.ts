import type { Answer } from './exchange.ts';
import type { RpcMessage } from './messages.ts';
import { fail, inconclusive, pass, type Verdict } from './verdict.ts';

/** The reaction to a request: `answered` with a result, `denied` with 401, 403 or a challenge, or neither. */
export type Reaction = 'answered' | 'denied' | 'unclear';

export function reactionOf(answer: Answer): Reaction {
  if (isDenial(answer)) return 'denied';
  return succeeded(answer) ? 'answered' : 'unclear';
}

export function resultOf({ messages }: Answer): RpcMessage['result'] {
  return messages.find(({ result }) => typeof result === 'object' && result !== null)?.result;
}

/** Whether the server ran the request. A tool that reports an error has run, and has refused its arguments. */
export const succeeded = (answer: Answer): boolean => resultOf(answer) !== undefined;

/** The code of the JSON-RPC error. */
export const codeOf = ({ messages }: Answer): number | undefined => {
  const code = messages.find(({ error }) => typeof error === 'object' && error !== null)?.error?.code;
  return typeof code === 'number' ? code : undefined;
};

/** Refused because of the token. Any other lack of a result may have another reason. */
export function isDenial(answer: Answer): boolean {
  const { status, headers } = answer;
  const challenged = status >= 400 && status < 500 && 'www-authenticate' in headers;
  // Some servers ask for a login in the result of a tool.
  const meta = resultOf(answer)?.['_meta'] as Record<string, unknown> | undefined;
  return status === 401 || status === 403 || challenged || meta?.['mcp/www_authenticate'] !== undefined;
}

/** Whether the server refused the request properly: with an HTTP status or a JSON-RPC error. */
export function refused({ status, messages }: Answer): boolean {
  return (
    (status >= 400 && status < 500) || status === 501 || (status < 300 && messages.some(({ error }) => error))
  );
}

/**
 * The verdict on a request that is altered in one place. Its unaltered form succeeded just before, so anything but a result
 * is a refusal: an error, a redirect, another page or a closed connection. Only silence is not.
 */
export function unanswered(said: string, answer: Answer): Verdict {
  if (succeeded(answer)) return fail(said);
  return answer.failure === 'timeout' ? inconclusive(said) : pass(said);
}
