import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';
import { placesOf } from './texts.ts';

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
/** Names that begin with a change. */
const CHANGES =
  /^(?:delete|remove|drop|destroy|purge|wipe|truncate|overwrite|update|write|insert|send|kill|uninstall|revoke|grant|execute|reset)(?:$|[_.A-Z-])/;

export const definitionsAnnotations: Check = {
  id: 'definitions/annotations',
  title: 'Annotations of tools do not contradict each other or the name',
  fault: 'Annotations of a tool contradict each other or its name',
  severity: 'medium',
  why: 'Clients call a tool that declares to only read without asking the user',
  sends: 'nothing; reads the list of tools',
  fix: 'Set readOnlyHint: true only for tools that change nothing, and every hint to true or false',
  reference: 'MCP 2026-07-28 Tools, Tool annotations',
  baseline: 'access',
  async run({ known: { tools } }) {
    if (tools.length === 0) return notApplicable('the server lists no tools');
    const found = tools.flatMap(({ name, annotations }) => {
      const { readOnlyHint, destructiveHint } = annotations;
      const wrong = HINTS.filter((hint) => hint in annotations && typeof annotations[hint] !== 'boolean');
      return [
        ...(wrong.length > 0 ? [`${name}: ${wrong.join(', ')} is not true or false`] : []),
        ...(readOnlyHint === true && destructiveHint === true ? [`${name}: read-only and destructive`] : []),
        ...(readOnlyHint === true && CHANGES.test(name) ? [`${name}: read-only, by name a change`] : []),
      ];
    });
    return found.length > 0 ? fail(placesOf(found)) : pass(`${tools.length} tools`);
  },
};
