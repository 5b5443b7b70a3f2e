import { createApp } from '../../infra/app.ts';
import { stages } from '../infra/stages.ts';

/** For the CLI: the app of infra/main.ts with the tests' stages, so that a fork's configuration changes nothing. */
createApp(undefined, stages).synth();
