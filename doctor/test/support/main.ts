import { fileURLToPath } from 'node:url';

/** The program that `npm run doctor` starts. */
export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
