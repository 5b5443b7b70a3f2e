import { expect, test } from '@jest/globals';
import { acceptedOf } from '../../../service/http/accept.ts';

const json = 'application/json';
const events = 'text/event-stream';

test.each<[string | undefined, boolean, boolean]>([
  [undefined, true, true],
  ['*/*', true, true],
  [`${json}, ${events}`, true, true],
  [`${events},${json}`, true, true],
  ['application/*, text/*', true, true],
  [`${json};charset=utf-8, ${events}; x="a"`, true, true],
  [`Application/JSON ; q=0.1,\tTEXT/Event-Stream;q=1`, true, true],
  [json, true, false],
  [`${json}, text/html`, true, false],
  [events, false, true],
  [`text/html, ${events}`, false, true],
  ['text/*', false, true],
  // The most specific range decides (RFC 9110 §12.5.1).
  [`*/*, ${events};q=0`, true, false],
  [`*/*;q=0, ${json}`, true, false],
  [`application/*;q=0, ${json}, */*`, true, true],
  [`${json};q=0.001`, true, false],
  [`${json};q=0.000`, false, false],
  [`${json};q=0, ${json};q=1`, true, false],
  [`${json};Q = 0`, false, false],
  ['text/html', false, false],
  ['application/jsonp', false, false],
  ['', false, false],
  [',,;', false, false],
])('Accept: %s takes JSON: %s, events: %s', (header, takesJson, takesEvents) => {
  expect(acceptedOf(header)).toEqual({ json: takesJson, events: takesEvents });
});

test('as many ranges as a head can contain are parsed at once', () => {
  const header = Array.from({ length: 8000 }, () => 'a;').join(',');
  const { user, system } = process.cpuUsage();
  acceptedOf(header);
  const spent = process.cpuUsage({ user, system });
  expect(spent.user + spent.system).toBeLessThan(50_000);
});
