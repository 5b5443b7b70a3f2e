import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

/** One server to measure. */
export interface Server {
  readonly name: string;
  /** Script and its arguments, relative to this folder. */
  readonly script: readonly string[];
  /** Protocol revision of the load. */
  readonly revision: '2026-07-28' | '2025-11-25';
  readonly secured: boolean;
  readonly scheme: 'http' | 'https';
}

const peer = (name: string, file: string, revision: Server['revision']): Server => ({
  ...{ name, script: [`peers/${file}.mjs`], revision, secured: false, scheme: 'http' },
});
const ours = (name: string, auth: string, scheme: Server['scheme'], tools: number): Server => ({
  ...{ name, script: ['dist/ours.mjs', auth, scheme, String(tools)], revision: '2026-07-28' },
  ...{ secured: true, scheme },
});

/** CPU core of the servers; the load and the health checks run on another. */
export const SERVER_CORE = '0';

/** Baseline of every comparison; must be the first. */
export const FLOOR = 'Express, JSON in and out';

export const SERVERS: readonly Server[] = [
  peer(FLOOR, 'express', '2026-07-28'),
  peer('official SDK v2, as documented', 'official-v2', '2026-07-28'),
  peer('official SDK v1, as documented', 'official-v1', '2025-11-25'),
  peer('FastMCP, stateless', 'fastmcp', '2025-11-25'),
  ours('this server, tokens', 'tokens', 'http', 1),
  ours('this server, oauth', 'oauth', 'http', 1),
  ours('this server, tokens, TLS', 'tokens', 'https', 1),
  ours('this server, tokens, 50 tools', 'tokens', 'http', 50),
];

/** The Node that runs the servers: 24, as in the image, if npm has it for this machine, else the current one. */
export function nodePath(): string {
  const packed = join(here, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(packed) ? packed : process.execPath;
}

/** The options of the image's ENTRYPOINT, with the bundle's folder in place of the image's. */
export function imageOptions(folder: string): string[] {
  const dockerfile = readFileSync(join(here, '../../service/Dockerfile'), 'utf8');
  const entrypoint: string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
  return entrypoint.slice(1, -1).map((option) => option.replace('/app/', `${folder}/`));
}

/** Versions of the measured servers, from the manifests. */
export function versions(): string[] {
  const manifest = (file: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(join(here, file), 'utf8'));
  const { dependencies = {} } = manifest('package.json');
  const { 'aws-cdk-lib': cdk } = manifest('../../package.json')['devDependencies'] ?? {};
  const names = [
    'express',
    '@modelcontextprotocol/server',
    '@modelcontextprotocol/sdk',
    'fastmcp',
    'autocannon',
  ];
  return [...names.map((name) => `${name} ${dependencies[name]}`), `aws-cdk-lib ${cdk}`];
}
