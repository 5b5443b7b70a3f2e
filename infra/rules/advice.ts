/**
 * How to acknowledge a finding, as code for `infra/extensions.ts`.
 *
 * @param path of the construct, beginning with the stack
 * @param id such as `Hardened::NoShell`
 */
export function advice(path: string, id: string): string {
  const [, ...below] = path.split('/');
  // The construct that has the resource is named the same in every release of the CDK.
  const names = below.at(-1) === 'Resource' ? below.slice(0, -1) : below;
  const construct = names.length === 0 ? 'parts.stack' : `parts.find(${quoted(names.join('/'))})`;
  return `To accept it, in infra/extensions.ts: acknowledge(${construct}, ${quoted(id)}, 'the reason, for a reviewer');`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
