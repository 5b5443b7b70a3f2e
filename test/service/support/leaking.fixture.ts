import { expect, test } from '@jest/globals';
import { callOf, startApp } from './start-app.ts';
import { TOKENS } from './tokens.ts';
import { tool } from './tools.ts';

// Run only by leaks.test.ts. It stops nothing: the check must do that.
test('a tool that answers with its caller’s token', async () => {
  const leak = tool('leaks', async () => ({ text: TOKENS.alice, structured: { text: '', clientId: '' } }));
  const app = await startApp({ tools: [leak] });
  expect((await app.post(callOf('leaks'))).status).toBe(200);
});
