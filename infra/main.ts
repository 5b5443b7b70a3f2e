import { resolve } from 'node:path';
import { tools } from '../service/tools/index.ts';
import { readAcknowledgements } from './acknowledged.ts';
import { createApp } from './app.ts';
import { stages } from './config.ts';
import { extend } from './extensions.ts';
import { OptionError } from './lib/option-error.ts';
import { placeholderNotice } from './refuse-placeholders.ts';
import { readScopes } from './scopes.ts';
import { McpStack } from './stack.ts';

try {
  const app = createApp(undefined, stages, {
    tools,
    scopes: readScopes(resolve(import.meta.dirname, '..')),
    extend,
  });
  const { directory } = app.synth();
  const { faults, notice } = readAcknowledgements(app, directory);
  if (faults.length > 0) throw new OptionError(faults.join('\n'));
  process.stderr.write(notice);
  process.stderr.write(placeholderNotice(app.node.children.filter((child) => child instanceof McpStack)));
} catch (error) {
  // An option's message is enough. Any other error is a defect, which needs its stack.
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
