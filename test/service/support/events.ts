export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly isError?: boolean; readonly structuredContent?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly data?: unknown };
}

/** JSON-RPC messages of a text of server-sent events, in order. */
export function messagesOf(text: string): Message[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Message);
}

/** Reads the stream of a response until it contains a text. */
export async function readUntil(response: Response, text: string): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let seen = '';
  while (!seen.includes(text)) {
    const part = await reader?.read();
    if (part === undefined || part.done) throw new Error(`the stream ended before ${text}: ${seen}`);
    seen += decoder.decode(part.value, { stream: true });
  }
  reader?.releaseLock();
  return seen;
}
