import { describe, expect, test } from '@jest/globals';
import { hashOf, parseDefinition, toolDefinition } from '../../../service/upstream/definitions.ts';
import { parseLock, pin } from '../../../service/upstream/lock.ts';
import { ECHO } from './servers.ts';

const definitionOf = (tool: object) => parseDefinition(toolDefinition, tool);
const locked = pin('tools', definitionOf(ECHO));
const text = (...tools: object[]) => JSON.stringify({ tools });

describe('the lock of a server', () => {
  test('is read as it was written', () => {
    expect(parseLock(text(locked))).toEqual({ tools: [locked], resources: [], prompts: [] });
  });

  test.each([
    ['no JSON', '{', 'is not JSON; write it again with: npm run tools:pin'],
    ['an unknown member', text({ ...locked, scope: ['a'] }), 'Unrecognized key: "scope"'],
    ['no scope', text({ ...locked, scopes: [] }), 'expected array to have >=1 items'],
    ['a deadline above the bound', text({ ...locked, deadlineMs: 50_001 }), '<=50000'],
    ['a name that clients refuse', text({ ...locked, name: 'a.b' }), '1 to 64 of letters, digits'],
    ['a tool that is there twice', text(locked, locked), 'echo is there twice; remove one'],
    [
      'a definition that was edited',
      text({ ...locked, description: 'Another' }),
      'the definition of echo does not match its hash',
    ],
  ])('with %s it is refused', (_what, given, problem) => {
    expect(() => parseLock(given)).toThrow(problem);
  });

  test('the order of members does not change a hash, and every member does', () => {
    const { name, description, inputSchema } = ECHO;
    expect(hashOf(toolDefinition, definitionOf({ inputSchema, description, name }))).toBe(locked.hash);
    for (const change of [
      { name: 'other' },
      { title: 'Echo' },
      { description: 'other' },
      { inputSchema: { type: 'object' } },
      { outputSchema: { type: 'object' } },
      { annotations: { readOnlyHint: true } },
    ]) {
      expect(hashOf(toolDefinition, definitionOf({ ...ECHO, ...change }))).not.toBe(locked.hash);
    }
  });

  test('pinning again keeps the rules of the operator', () => {
    const former = { ...locked, scopes: ['support'], deadlineMs: 1000, limitPerMinute: 5 };
    const again = pin('tools', definitionOf({ ...ECHO, description: 'Another' }), former);
    expect(again).toMatchObject({
      scopes: ['support'],
      deadlineMs: 1000,
      limitPerMinute: 5,
      description: 'Another',
    });
    expect(parseLock(text(again)).tools).toEqual([again]);
  });
});
