import { expect, test } from '@jest/globals';
import { headerValues } from '../../../service/http/header-values.ts';

test('every line of a field counts, in any case, whatever the names of other fields are', () => {
  const rawHeaders = ['Host', 'a', '__proto__', 'x', 'HOST', 'b', 'constructor', 'y', 'Accept', ''];
  expect(headerValues({ rawHeaders }, 'host')).toEqual(['a', 'b']);
  expect(headerValues({ rawHeaders }, '__proto__')).toEqual(['x']);
  expect(headerValues({ rawHeaders }, 'accept')).toEqual(['']);
  expect(headerValues({ rawHeaders }, 'cookie')).toEqual([]);
});
