import { createApp } from './app.ts';
import { OptionError } from './lib/option-error.ts';

try {
  createApp().synth();
} catch (error) {
  // An option's message is enough. Any other error is a defect, which needs its stack.
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
