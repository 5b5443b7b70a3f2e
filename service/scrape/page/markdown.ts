import type { Document } from 'domhandler';
import TurndownService from 'turndown';
import { tooComplex } from './parse.ts';
import { TurndownNode } from './turndown-dom.ts';

/** Lines that quotes and list items may prefix in one document, each nesting counted again. */
const MAX_PREFIXED_LINES = 200_000;

/**
 * Markdown of a readable document, by turndown. The rules here replace those of turndown's whose time or output is
 * not linear in the page, and add what it has none for: preformatted text without `code`, and tables.
 *
 * @throws ServiceError `content_too_complex` when nested quotes and lists would multiply the text
 */
export function toMarkdown(document: Document): string {
  let lines = 0;
  function prefixed(content: string, first: string, rest: string): string {
    const parts = content.replace(/^\n+/, '').trimEnd().split('\n');
    lines += parts.length;
    if (lines > MAX_PREFIXED_LINES) throw tooComplex(`more than ${MAX_PREFIXED_LINES} prefixed lines`);
    return parts
      .map((line, index) => (index === 0 ? first : line === '' ? rest.trimEnd() : rest) + line)
      .join('\n');
  }

  const service = new TurndownService({ headingStyle: 'atx', hr: '---', codeBlockStyle: 'fenced' });
  rule(service, ['blockquote'], (content) => `\n\n${prefixed(content, '> ', '> ')}\n\n`);
  rule(service, ['li'], (content, node) => {
    const marker =
      node.parentNode?.nodeName === 'OL' ? `${firstNumber(node.parentNode) + node.index}. ` : '- ';
    return `${prefixed(content, marker, ' '.repeat(marker.length))}\n`;
  });
  rule(service, ['pre'], (_content, node) => {
    const fence = '`'.repeat(Math.max(3, longestRun(node.fullText, /`+/g) + 1));
    return `\n\n${fence}${language(node)}\n${node.fullText.replace(/\n$/, '')}\n${fence}\n\n`;
  });
  rule(service, ['code'], (content, node) => {
    if (node.parentNode?.nodeName === 'PRE' || content.trim() === '') return content;
    const line = content.replace(/\r?\n|\r/g, ' ');
    const fence = '`'.repeat(longestRun(line, /`+/g) + 1);
    return fence.length > 1 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
  });
  rule(
    service,
    ['td', 'th'],
    (content) => ` ${content.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|')} |`,
  );
  rule(service, ['tr'], (content, node) => {
    const columns = node.childNodes.filter(({ nodeName }) => nodeName === 'TD' || nodeName === 'TH').length;
    return `\n|${content}${isFirstRow(node) ? `\n|${' --- |'.repeat(columns)}` : ''}\n`;
  });
  rule(service, ['thead', 'tbody', 'tfoot'], (content) => content);
  rule(service, ['table'], (content) => `\n\n${content}\n\n`);
  return service.turndown(TurndownNode.from(document) as unknown as TurndownService.Node);
}

function rule(
  service: TurndownService,
  names: readonly string[],
  replacement: (content: string, node: TurndownNode) => string,
): void {
  service.addRule(names.join(), {
    filter: (node) => names.includes(node.nodeName.toLowerCase()),
    replacement: (content, node) => replacement(content, node as unknown as TurndownNode),
  });
}

function firstNumber(list: TurndownNode): number {
  const start = list.getAttribute('start') ?? '';
  return /^\d{1,6}$/.test(start) ? Number(start) : 1;
}

function longestRun(text: string, runs: RegExp): number {
  return (text.match(runs) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

function language(pre: TurndownNode): string {
  const names = pre.firstChild?.getAttribute('class') ?? pre.getAttribute('class') ?? '';
  return /(?:^|\s)(?:language|lang)-([\w+#.-]{1,30})/.exec(names.slice(0, 500))?.[1] ?? '';
}

function isFirstRow(row: TurndownNode): boolean {
  const group = row.parentNode;
  return row.index === 0 && (group?.nodeName === 'TABLE' || group?.index === 0);
}
