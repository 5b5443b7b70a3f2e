import { didYouMean } from './did-you-mean.ts';
import { OptionError } from './validation.ts';

type Kind<T> = T extends boolean
  ? 'boolean'
  : T extends number
    ? 'number'
    : T extends string
      ? 'string'
      : T extends readonly unknown[]
        ? 'list'
        : T extends object
          ? Shape<T>
          : never;

/** Every option of `T`, optional ones too, with what kind of value it takes. One too few or too many does not compile. */
export type Shape<T> = { readonly [Name in keyof T]-?: Kind<NonNullable<T[Name]>> };

interface Shapes {
  readonly [name: string]: string | Shapes;
}

/**
 * Fails on an option that does not exist and on a value of another kind, at any depth.
 *
 * @param path of `given` in the configuration, empty for all of it.
 */
export function assertShape<T extends object>(path: string, given: T, shape: Shape<T>): void {
  check(path, given, shape as unknown as Shapes);
}

function check(path: string, given: object, shape: Shapes): void {
  for (const [name, value] of Object.entries(given)) {
    const option = path === '' ? name : `${path}.${name}`;
    const expected = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (expected === undefined) {
      const known = Object.keys(shape);
      throw new OptionError(
        `${option} is not an option${didYouMean(name, known)}; known are ${known.join(', ')}`,
      );
    }
    if (value === undefined) continue;
    const kind = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
    const wanted = typeof expected === 'string' ? expected : 'object';
    if (kind !== wanted) {
      const article = wanted === 'object' ? 'an' : 'a';
      throw new OptionError(`${option} must be ${article} ${wanted}, got ${JSON.stringify(value)}`);
    }
    if (typeof expected !== 'string') check(option, value, expected);
  }
}
