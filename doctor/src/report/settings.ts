import type { About } from '../check.ts';

/** The fix in each framework, for example `Express: app.use(…)`. */
export function settingsOf({ frameworks = {} }: Pick<About, 'frameworks'>): readonly string[] {
  return Object.entries(frameworks).map(([framework, setting]) => `${framework}: ${setting}`);
}
