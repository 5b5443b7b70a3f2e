import { createApp } from './app.ts';
import { OptionError } from './lib/option-error.ts';
import { placeholderNotice } from './refuse-placeholders.ts';
import { McpStack } from './stack.ts';

try {
  const app = createApp();
  app.synth();
  process.stderr.write(placeholderNotice(app.node.children.filter((child) => child instanceof McpStack)));
} catch (error) {
  // An option's message is enough. Any other error is a defect, which needs its stack.
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
