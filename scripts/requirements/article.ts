import { readFileSync } from 'node:fs';
import type { Control, Requirement, RequirementList } from './requirement.ts';

const SECURITY = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');
const [, checklist = ''] = SECURITY.split(/^## The checklist$|^## Rules and policy packs$/m);
const points = [...checklist.matchAll(/^\| ([^*|][^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);

/** The controls of the checklist in SECURITY.md, by their points. */
export const ARTICLE_CONTROLS: ReadonlyMap<string, Control> = new Map(
  points.map(([, point = '', , where = '', proof = '']) => [
    `checklist ${point}`,
    {
      files: [...where.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path),
      tests: [...proof.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => [path, ''] as const),
    },
  ]),
);

export const article: RequirementList = {
  title: 'The checklist of 24 points',
  url: '../SECURITY.md#the-checklist',
  edition: 'in our words in SECURITY.md',
  requirements: points.map(
    ([, point = ''], index): Requirement => ({
      id: `CHECKLIST-${index + 1}`,
      asks: point,
      state: 'yes',
      controls: [`checklist ${point}`],
    }),
  ),
};
