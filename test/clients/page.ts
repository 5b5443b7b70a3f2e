import { EXCEPTIONS } from './expectations.ts';

const BLOCK = /(<!-- matrix -->\n)[\s\S]*(<!-- end of matrix -->)/;

const notes = () => EXCEPTIONS.map(({ client, column, why }) => `- ${client}, ${column}: ${why}.`).join('\n');

/**
 * The page docs/clients.md with another matrix.
 *
 * @param before the current page, whose other parts stay
 * @param table the matrix, in Markdown
 * @param machine programs that no manifest pins, with their versions
 * @throws Error if the page has no marked block
 */
export function page(before: string, table: string, machine: string): string {
  const date = new Date().toISOString().slice(0, 10);
  const block = `Written by \`npm run test:clients -- --write\` on ${date}. Each client ran against \`npm start\` in a network namespace without internet
access: with a valid token, with an invalid token, and with a limit of one call a minute. A stand-in that records every request replaced its
model. The table shows what a person or a model sees. The run fails if a cell is not as expected, and the cell is bold.
Versions are pinned in [test/clients](../test/clients/package.json); ${machine}.

${table}

These clients replace the server's text with their own:

${notes()}
`;
  if (!BLOCK.test(before)) throw new Error('docs/clients.md must have the block <!-- matrix -->');
  return before.replace(BLOCK, (_match, start, end) => `${start}${block}${end}`);
}
