import { EXCEPTIONS } from './expectations.ts';

const notes = () => EXCEPTIONS.map(({ client, column, why }) => `- ${client}, ${column}: ${why}.`).join('\n');

/**
 * The page docs/clients.md.
 *
 * @param table the matrix, in Markdown
 * @param machine programs that no manifest pins, with their versions
 */
export function page(table: string, machine: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `# Clients

Written by \`npm run test:clients -- --write\` on ${date}. Each client ran against \`npm start\` in a network namespace without a
way out, with a good token, a wrong one, and where one call a minute is allowed; a stand-in that records took the place of its
model. So the table says what a person and a model are shown, and the run fails where that is not as it must be (bold).
Versions are pinned in [test/clients](../test/clients/package.json); ${machine}.

${table}

Whatever a server says, these show words of their own:

${notes()}
`;
}
