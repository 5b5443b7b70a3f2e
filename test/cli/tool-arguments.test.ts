import { describe, expect, test } from '@jest/globals';
import { toolArguments } from '../../cli/tool-arguments.ts';

describe('arguments of a tool', () => {
  test('name=text is always text', () => {
    expect(toolArguments(['url=https://example.com/?a=b:=c', 'limit=5', 'empty='])).toEqual({
      url: 'https://example.com/?a=b:=c',
      limit: '5',
      empty: '',
    });
  });

  test('name:=JSON is a number, a list, an object, true or null', () => {
    expect(
      toolArguments(['limit:=5', 'tags:=["a","b"]', 'deep:={"x":{"y":1}}', 'all:=true', 'no:=null']),
    ).toEqual({
      limit: 5,
      tags: ['a', 'b'],
      deep: { x: { y: 1 } },
      all: true,
      no: null,
    });
  });

  test('a name such as __proto__ is an ordinary name', () => {
    expect(Object.keys(toolArguments(['__proto__=x']))).toEqual(['__proto__']);
  });

  test.each([
    [['url'], 'an argument must be name=text or name:=JSON, got "url"'],
    [['=x'], 'an argument must be name=text or name:=JSON, got "=x"'],
    [['limit:=five'], 'limit:= must be followed by JSON, got "five"'],
    [['a=1', 'a:=1'], 'an argument must be given once, got a again'],
  ])('fails on %j', (words, message) => {
    expect(() => toolArguments(words)).toThrow(message);
  });
});
