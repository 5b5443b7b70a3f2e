import { describe, expect, test } from '@jest/globals';
import { uriPattern } from '../../../service/mcp/uri-pattern.ts';
import { fc } from '../../support/property.ts';

describe('the URI of a resource', () => {
  test.each(['', 'docs', '/docs', 'docs://ä', 'docs://a b', `docs://${'x'.repeat(512)}`])(
    '%.20j is no absolute URI of visible ASCII characters',
    (uri) => {
      expect(() => uriPattern(uri)).toThrow('absolute');
    },
  );

  test.each(['a://{x}{y}', 'a://{+x}', 'a://{?x}', 'a://{x*}', 'a://{x}/{x}', 'a://{', 'a://}', 'a://{}'])(
    '%j is no template with one simple variable between two slashes',
    (template) => {
      expect(() => uriPattern(template)).toThrow('one {variable}');
    },
  );

  test.each([
    ['a://b', 'a://b', {}],
    ['a://b', 'a://B', undefined],
    ['a://b/{x}', 'a://b/1', { x: '1' }],
    ['a://b/{x}', 'a://b/', undefined],
    ['a://b/{x}', 'a://b/1/2', undefined],
    ['a://b/{x}', 'a://b/1%2F2', undefined],
    ['a://b/{x}', 'a://b/%2e%2E', undefined],
    ['a://b/{x}', 'a://b/%', undefined],
    ['a://b/{x}/c/{y}.md', 'a://b/1/c/2.md', { x: '1', y: '2' }],
    ['a://b/{x}/c/{y}.md', 'a://b/1/c/.md', undefined],
    ['a://b/{x}/c/{y}.md', 'a://b/1/d/2.md', undefined],
    ['a://b/x{x}x', 'a://b/x', undefined],
    ['a://b/x{x}x', 'a://b/xx', undefined],
    ['a://b/{__proto__}', 'a://b/1', { ['__proto__']: '1' }],
  ])('%s matches %s with %j', (template, uri, values) => {
    expect(uriPattern(template)(uri)).toEqual(values);
  });

  test('of a template matches exactly the URIs that its variables make', () => {
    const value = fc
      .string({ minLength: 1 })
      .filter((text) => !/[/\\]|^\.\.?$/.test(text) && text.isWellFormed());
    const matches = uriPattern('a://b/{x}/{y}.md');
    fc.assert(
      fc.property(value, value, (x, y) => {
        const uri = `a://b/${encodeURIComponent(x)}/${encodeURIComponent(y)}.md`;
        expect(matches(uri)).toEqual({ x, y });
      }),
    );
  });

  test('is matched in linear time', () => {
    const matches = uriPattern(`a://${Array.from({ length: 40 }, (_, i) => `{v${i}}`).join('/')}/end`);
    const begun = performance.now();
    for (let i = 0; i < 1000; i++) matches(`a://${'/'.repeat(2000)}`);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
