import { describe, expect, test } from '@jest/globals';
import { exampleTool } from '../../../service/tools/example.ts';
import { callTool } from '../support/call-tool.ts';

describe('the tool example', () => {
  test('returns text and the same as data', async () => {
    const { text, structured, record } = await callTool(exampleTool, { text: 'one two\nthree' });
    expect({ text, structured }).toEqual({ text: '3 words', structured: { words: 3 } });
    expect(record).toMatchObject({ tool: 'example', clientId: 'caller', outcome: 'ok' });
  });

  test('follows the settings of the stage', async () => {
    const values = { settings: { separator: 'comma' } };
    const { text } = await callTool(exampleTool, { text: 'one two, three' }, { values });
    expect(text).toBe('2 words');
  });

  test.each([{}, { text: 5 }, { text: 'x'.repeat(10_001) }, { text: 'x', more: true }])(
    'refuses %.60j',
    async (input) => {
      const { text, record } = await callTool(exampleTool, input);
      expect(text).toContain('do not fit the tool');
      expect(record.outcome).toBe('invalid');
    },
  );

  test('reveals nothing internal about an error', async () => {
    const { text, isError, record } = await callTool(exampleTool, { text: ' ' });
    expect(isError).toBe(true);
    expect(text).not.toContain('no words');
    expect(record).toMatchObject({ errorCode: 'tool_failed', reason: 'no words' });
  });

  test('is refused to a client without its scope', async () => {
    const { record } = await callTool(exampleTool, { text: 'x' }, { scopes: ['another'] });
    expect(record).toMatchObject({ outcome: 'denied', errorCode: 'insufficient_scope' });
  });
});
