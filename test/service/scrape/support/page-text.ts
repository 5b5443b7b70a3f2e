/** The values that a program reads from the text of a scrape's result. */
export interface PageText {
  readonly notice: string;
  readonly status: number;
  readonly startIndex: number;
  readonly totalCharacters: number;
  readonly truncated: boolean;
  /** Start of the next part, if there is more. */
  readonly next: number | undefined;
  readonly url: string;
  readonly title: string;
  readonly content: string;
}

/** Reads the text of a scrape's result by the rules of service/tools/page-result.ts. @throws Error when it cannot */
export function readPageText(text: string): PageText {
  const fence = /^----- untrusted (\S+) -----\n/m.exec(text);
  const end = `\n----- end of untrusted ${fence?.[1]} -----`;
  if (fence === null || !text.endsWith(end)) throw new Error(`no fence in ${text.slice(0, 500)}`);
  const head = text.slice(0, fence.index);
  const [, url = '', title = '', content = ''] =
    /^URL: ([^\n]*)\nTitle: ([^\n]*)\n\n(.*)$/s.exec(
      text.slice(fence.index + fence[0].length, -end.length),
    ) ?? [];
  const line = (pattern: RegExp) => pattern.exec(head)?.[1] ?? '';
  const next = /^There is more: .* (\d+)$/m.exec(head)?.[1];
  return {
    notice: head.split('\n', 1)[0] ?? '',
    status: Number(line(/^HTTP status: (\d+)$/m)),
    startIndex: Number(line(/^Characters: (\d+) to \d+ of \d+$/m)),
    totalCharacters: Number(line(/^Characters: \d+ to \d+ of (\d+)$/m)),
    truncated: line(/^Truncated: (true|false)$/m) === 'true',
    next: next === undefined ? undefined : Number(next),
    url,
    title,
    content,
  };
}
