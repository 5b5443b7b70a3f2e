import { fileURLToPath } from 'node:url';

const edge = fileURLToPath(new URL('edge.cjs', import.meta.url));

/** Options of node that load the stand-ins of edge.cjs before the bundle. */
export const edgeOptions = [
  `--allow-fs-read=${edge}`,
  '--allow-fs-read=/proc/self/schedstat',
  '--require',
  edge,
];
