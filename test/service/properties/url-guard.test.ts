import { expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import { specialRange } from '../../../service/outgoing/address-ranges.ts';
import { addressLiteral, createUrlGuard } from '../../../service/outgoing/url-guard.ts';
import { anyText, anyUrl } from '../../support/any-text.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';

const guard = createUrlGuard({ allowedDomains: ['*'] });

/** The URL if it is allowed. Any error other than a refusal fails the test. */
function admitted(text: string): URL | undefined {
  try {
    return guard.check(text);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    same(['url_refused', 'input_invalid'].includes(error.code), true);
    return undefined;
  }
}

const byte = fc.nat({ max: 255 });
const special = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);

/** Every spelling of an IPv4 address that URL parsers accept, as a host. */
function spellings([a, b, c, d]: readonly [number, number, number, number]): string[] {
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  const high = (a * 256 + b).toString(16);
  const low = (c * 256 + d).toString(16);
  return [
    ...[
      `${a}.${b}.${c}.${d}`,
      `${a}.${b}.${c}.${d}.`,
      `${a}.${b}.${c * 256 + d}`,
      `${a}.${number % 2 ** 24}`,
    ],
    ...[
      String(number),
      hex(number),
      octal(number),
      [a, b, c, d].map(hex).join('.'),
      [a, b, c, d].map(octal).join('.'),
    ],
    ...[
      `[::ffff:${a}.${b}.${c}.${d}]`,
      `[::ffff:${high}:${low}]`,
      `[::${high}:${low}]`,
      `[64:ff9b::${high}:${low}]`,
    ],
    ...[`[2002:${high}:${low}::1]`, `%3${a}.${b}.${c}.${d}`, `${a}。${b}。${c}。${d}`],
  ];
}

test('no spelling of a non-public address is allowed, with any path, user or port', () => {
  const rest = fc.constantFrom('', '/', '/a?b#c', ':80/', ':443/x');
  const prefix = fc.constantFrom(
    'http://',
    'https://',
    'HTTP://',
    'http://user:x@',
    'http:\\\\',
    'http:/',
    '\thttp://',
  );
  fc.assert(
    fc.property(special, prefix, rest, (address, before, after) => {
      for (const host of spellings(address)) same(admitted(`${before}${host}${after}`), undefined);
    }),
    { numRuns: 1000 },
  );
});

test('a public address is allowed, in every spelling of IPv4', () => {
  const open = fc.tuple(fc.constantFrom(8, 93, 151), fc.nat({ max: 255 }), byte, byte);
  fc.assert(
    fc.property(open, (address) => {
      const admittedOnes = spellings(address).filter((host) => admitted(`http://${host}/`) !== undefined);
      expect(admittedOnes).toEqual(spellings(address).filter((host) => !host.startsWith('[')));
    }),
    { numRuns: 200 },
  );
});

test('every allowed URL is http or https, has no user, a usual port, and no special address', () => {
  const text = fc.oneof(
    anyUrl(),
    fc
      .tuple(fc.constantFrom('http://', 'https://', 'ftp://', 'file://', '//', ''), anyText())
      .map(([a, b]) => a + b),
    fc
      .tuple(
        fc.oneof(
          fc.ipV4Extended(),
          fc.ipV6().map((each) => `[${each}]`),
        ),
        fc.oneof(fc.constantFrom(80, 443), fc.nat({ max: 70_000 })),
      )
      .map(([host, port]) => `http://${host}:${port}/`),
  );
  const seen = { admitted: 0, addresses: 0, refused: 0 };
  fc.assert(
    fc.property(text, (each) => {
      const url = admitted(each);
      if (url === undefined) {
        seen.refused += 1;
        return;
      }
      seen.admitted += 1;
      same(/^https?:$/.exec(url.protocol)?.[0], url.protocol);
      same(/^(?:80|443)?$/.exec(url.port)?.[0], url.port);
      same(url.username + url.password, '');
      const literal = addressLiteral(url);
      if (literal === undefined) return;
      seen.addresses += 1;
      same(specialRange(literal), undefined);
    }),
    { numRuns: 5000 },
  );
  for (const number of Object.values(seen)) expect(number).toBeGreaterThan(150);
});
