/** The page docs/clients.md. */
export function page(table: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `# Clients

Written by \`npm run test:clients -- --write\` on ${date}. Each client ran against \`npm start\` in a network namespace without a
way out; a stand-in that records took the place of its model, so that the table says what a model is shown. A cell in bold is
not as it must be. The versions are those of [test/clients/package.json](../test/clients/package.json).

${table}
`;
}
