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
    ['no JSON', '{', 'is not JSON; restore it, or delete it and run: npm run tools:pin'],
    [
      'an unknown member',
      text({ ...locked, scope: ['a'] }),
      'tools → echo: "scope" is not a member (did you mean scopes?); members: name, title, ',
    ],
    [
      'no scope',
      text({ ...locked, scopes: [] }),
      'tools → echo → scopes: must be a list of 1 to 16 scopes, each of 1 to 64 characters without blanks, quotes and backslashes, got []',
    ],
    [
      'a scope with a blank',
      text({ ...locked, scopes: ['a b'] }),
      'without blanks, quotes and backslashes, got "a b"',
    ],
    ['a text as scopes', text({ ...locked, scopes: 'a' }), 'must be a list of 1 to 16 scopes'],
    [
      'a deadline above the bound',
      text({ ...locked, deadlineMs: 50_001 }),
      'must be a whole number from 100 to 50000, got 50001',
    ],
    [
      'a deadline as text',
      text({ ...locked, deadlineMs: '5s' }),
      'must be a whole number from 100 to 50000, got "5s"',
    ],
    [
      'no deadline',
      text({ ...locked, deadlineMs: undefined }),
      'tools → echo → deadlineMs: is missing; pin it again',
    ],
    [
      'an unknown list',
      JSON.stringify({ tools: [], tool: [] }),
      '"tool" is not a member (did you mean tools?); members: tools, resources, prompts',
    ],
    [
      'an unknown recording',
      text({ ...locked, record: 'hash' }),
      'tools → echo → record: must be full, hashed or none',
    ],
    [
      'a recording of an argument that the tool does not have',
      text({ ...locked, record: { texd: 'none' } }),
      'record of echo has "texd", which is not an argument of the tool (did you mean text?)',
    ],
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

  test('the recording of an argument that a part of the schema adds is accepted', () => {
    const inputSchema = { type: 'object', allOf: [{ properties: { card: { type: 'string' } } }] };
    const tool = pin('tools', definitionOf({ ...ECHO, inputSchema }));
    expect(parseLock(text({ ...tool, record: { card: 'none' } })).tools[0]?.record).toEqual({ card: 'none' });
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
    const record = { text: 'none', '*': 'hashed' } as const;
    const former = { ...locked, scopes: ['support'], deadlineMs: 1000, limitPerMinute: 5, record };
    const again = pin('tools', definitionOf({ ...ECHO, description: 'Another' }), former);
    expect(again).toMatchObject({
      scopes: ['support'],
      deadlineMs: 1000,
      limitPerMinute: 5,
      record,
      description: 'Another',
    });
    expect(parseLock(text(again)).tools).toEqual([again]);
  });
});
