import { createApp } from '../../infra/app.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { stages } from '../infra/stages.ts';

const { task } = stages.dev;
const dev: StageConfig =
  process.argv[2] === 'updated' ? { ...stages.dev, task: { ...task, clientLimitPerMinute: 77 } } : stages.dev;

/**
 * For the CLI: the app of infra/main.ts with the tests' stages, so that a fork's configuration changes nothing.
 * With `updated`, one option of the stage differs.
 */
createApp(undefined, { dev }).synth();
