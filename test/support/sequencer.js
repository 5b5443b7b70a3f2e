import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * The suites that take longest, the longest first: one of them that starts last keeps a worker alone. Jest knows durations
 * only from a run before on the same machine. The second makes the templates that the suites of `infra/` share, so that no
 * other worker waits for them.
 */
const FIRST = [
  'test/service/scrape/hostile-pages.test.ts',
  'test/infra/client-tokens.test.ts',
  'test/cli/new-tool.test.ts',
  'test/infra/policy.test.ts',
  'test/service/mcp/fast-path.test.ts',
  'test/service/scrape/main-content.test.ts',
  'test/infra/control-tower.test.ts',
  'test/functions/rotation/rotation.test.ts',
  'test/service/auth/issuer-keys.test.ts',
  'test/service/http/connection.test.ts',
  'test/service/limits/valkey-limiter.test.ts',
  'test/faults/secrets-store.test.ts',
  'test/e2e/deployed.test.ts',
  'test/cli/dev.test.ts',
].map((path) => resolve(import.meta.dirname, '../..', path));

for (const path of FIRST) if (!existsSync(path)) throw new Error(`there is no ${path} to start first`);

export default class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
}
