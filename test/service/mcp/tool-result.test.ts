import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ServiceError } from '../../../service/errors.ts';
import { MAX_RESULT_BYTES, resultOf } from '../../../service/mcp/tool-result.ts';
import type { ToolContent } from '../../../service/tools/tool.ts';

const PNG = { type: 'image', data: 'aGk=', mimeType: 'image/png' } as const;
const of = (content: unknown, text = '') =>
  resultOf({}, { text, content: content as readonly ToolContent[] });

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.reason}`;
    throw error;
  }
  return 'accepted';
}

describe('a result', () => {
  test('has its text first, then images, sounds, links and texts, with no members beside those of the protocol', () => {
    const content = [
      { ...PNG, annotations: { audience: ['user'] } },
      { type: 'audio', data: '', mimeType: 'audio/wav' },
      {
        type: 'resource_link',
        uri: 'https://example.com/a\u202e',
        name: 'a\u200b',
        mimeType: 'no type',
        size: 7,
      },
      { type: 'resource', resource: { uri: 'x:y', mimeType: 'text/csv', text: 'a,b\ud800', _meta: {} } },
    ];
    expect(of(content, 'hello')).toEqual({
      content: [
        { type: 'text', text: 'hello' },
        PNG,
        { type: 'audio', data: '', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'https://example.com/a', name: 'a' },
        { type: 'resource', resource: { uri: 'x:y', mimeType: 'text/csv', text: 'a,b\ufffd' } },
      ],
    });
    expect(of([PNG])).toEqual({ content: [PNG] });
    expect(of([])).toEqual({ content: [{ type: 'text', text: '' }] });
  });

  test.each([
    [{ ...PNG, mimeType: 'image/svg+xml' }],
    [{ ...PNG, mimeType: 'text/html' }],
    [{ ...PNG, mimeType: 'audio/wav' }],
    [{ ...PNG, data: 'not base64!' }],
    [{ ...PNG, data: 'aGk' }],
    [{ ...PNG, data: 'aG\nk=' }],
    [{ ...PNG, data: undefined }],
    [{ type: 'resource_link', name: 'no uri' }],
    [{ type: 'resource_link', name: 'a file of the client', uri: 'file:///home/me/.ssh/id_rsa' }],
    [{ type: 'resource_link', name: 'a program of the client', uri: 'ms-msdt:/id PCWDiagnostic' }],
    [{ type: 'resource', resource: { uri: 'x:y' } }],
    [{ type: 'resource' }],
    [{ type: 'video', data: '' }],
    [{ type: 'text', text: 7 }],
    [null],
    ['text'],
  ])('is refused with the block %j', (block) => {
    expect(refusal(() => of([PNG, block]))).toBe(
      'result_not_accepted: block 1 is not an image, a sound or a resource that clients accept',
    );
  });

  test('has at most 100 blocks and 4 MiB, counted in bytes', () => {
    expect(of(Array(99).fill(PNG), 'x').content).toHaveLength(100);
    expect(refusal(() => of(Array(100).fill(PNG), 'x'))).toBe('result_not_accepted: 101 blocks, at most 100');
    const most = 'é'.repeat(MAX_RESULT_BYTES / 2);
    expect(refusal(() => resultOf({}, { text: most }))).toBe('accepted');
    expect(refusal(() => resultOf({}, { text: `${most}x` }))).toMatch(/^result_not_accepted: 4194305 bytes/);
    const large = { ...PNG, data: 'A'.repeat(MAX_RESULT_BYTES) };
    expect(refusal(() => of([large]))).toMatch(/^result_not_accepted/);
    const output = z.strictObject({ a: z.string() });
    const structured = { a: 'A'.repeat(MAX_RESULT_BYTES) };
    expect(refusal(() => resultOf({ output }, { text: '', structured }))).toMatch(/^result_not_accepted/);
  });

  test('with data that JSON cannot have is refused', () => {
    const output = z.looseObject({});
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const structured of [cycle, { n: 1n }]) {
      expect(refusal(() => resultOf({ output }, { text: '', structured }))).toBe(
        'result_not_accepted: data that JSON cannot have',
      );
    }
  });
});
