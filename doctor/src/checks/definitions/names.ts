import type { Check } from '../../check.ts';
import { fail, notApplicable } from '../../verdict.ts';
import { passWhole, placesOf } from './texts.ts';

/** Letters of other scripts, and digits, that look like Latin letters. */
const ALIKE: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'l',
  і: 'i',
  а: 'a',
  е: 'e',
  о: 'o',
  с: 'c',
  р: 'p',
};

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** A description that takes the place of a tool elsewhere. */
const REPLACES =
  /\b(?:instead of|in place of|replaces?|overrides?|supersedes?)\b.{0,40}\b(?:other|built-?in|default|native|original|existing)\b.{0,30}\b(?:tools?|function)\b/i;

export const definitionsNames: Check = {
  id: 'definitions/names',
  title: 'Names of tools are distinct and do not shadow others',
  fault: 'Names of tools are easily confused, or a tool replaces others (shadowing)',
  severity: 'medium',
  why: 'The model or the user means one tool, and another is called',
  sends: 'nothing; reads the list of tools',
  fix: 'Use names of letters, digits, _, - and . that differ in more than case or punctuation, and describe only your own tools',
  reference: 'MCP 2026-07-28 Tools, Tool names; OWASP MCP Top 10, Tool Shadowing',
  baseline: 'access',
  async run(probe) {
    const { tools } = probe.known;
    if (tools.length === 0) return notApplicable('the server lists no tools');
    const names = [...new Set(tools.map(({ name }) => name))];
    const alike = names.flatMap((name, index) => {
      const other = names.slice(0, index).find((earlier) => formOf(earlier) === formOf(name));
      return other === undefined ? [] : `${other} and ${name}`;
    });
    // A page that a server sends twice repeats the same definition, which confuses nothing.
    const twice = [...probe.known.byEra.values()].flatMap((era) => {
      const distinct = [...new Map(era.tools.map((tool) => [JSON.stringify(tool), tool.name])).values()];
      return distinct.filter((name, index) => distinct.indexOf(name) !== index);
    });
    const odd = tools.filter(({ name }) => !NAME.test(name)).map(({ name }) => `${name}: not a valid name`);
    const replacing = tools.flatMap(({ name, description }) => {
      const [words] = REPLACES.exec(String(description ?? '')) ?? [];
      return words === undefined ? [] : `${name}: ${words}`;
    });
    const found = [...alike, ...twice.map((name) => `${name} is there twice`), ...odd, ...replacing];
    return found.length > 0 ? fail(placesOf(found)) : passWhole(probe, `${tools.length} tools`);
  },
};

/** The name without case, punctuation and the differences of similar characters. */
function formOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\p{Mn}\p{P}\p{Cf}\p{Zs}]/gu, '');
  return [...plain.toLowerCase()].map((letter) => ALIKE[letter] ?? letter).join('');
}
