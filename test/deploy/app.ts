import { createApp } from '../../infra/app.ts';
import { stages } from '../infra/stages.ts';

/** For the CLI: the app as infra/main.ts makes it, of the tests' stages, so that a fork's configuration changes nothing. */
createApp(undefined, stages).synth();
