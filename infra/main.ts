import { createApp } from './app.ts';
import { OptionError } from './lib/option-error.ts';

try {
  createApp().synth();
} catch (error) {
  // The sentence is what helps. Any other error is a defect, and its stack is what helps.
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
