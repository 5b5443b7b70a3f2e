import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Aws } from '../../cli/preflight/aws.ts';
import { type Reported, runChecks } from '../../cli/preflight/run.ts';
import { templateOf } from '../../cli/synthesize.ts';
import { startDns } from '../cli/preflight/stand-in.ts';
import { parseStageConfig } from '../../infra/stage-config.ts';
import { stages } from '../infra/stages.ts';
import { type Emulator, startEmulator } from './support/emulator.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator('us-east-1');
}, 60_000);
afterAll(() => emulator?.stop());

test('x', async () => {
  const given = stages.prod;
  const dns = await startDns({});
  const resolver = new Resolver(); resolver.setServers([dns.address]);
  const aws = new Aws({ region: 'us-east-1', endpoint: emulator.url, credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' } });
  const findings: readonly Reported[] = await runChecks(aws, { stackName: 'Mcp-prod', config: parseStageConfig(given), template: templateOf('prod', given), resolver, containerEngine: 'true' });
  process.stdout.write(findings.map((f) => JSON.stringify(f)).join('\n') + '\n' + emulator.failures().join('\n'));
  aws.destroy(); dns.stop();
  expect(1).toBe(1);
}, 120_000);
