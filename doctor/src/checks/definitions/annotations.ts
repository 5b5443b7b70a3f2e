import type { Check } from '../../check.ts';
import { fail, notApplicable } from '../../verdict.ts';
import { passWhole, placesOf } from './texts.ts';

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
/** Names that begin with a change. */
const CHANGES =
  /^(?:delete|remove|drop|destroy|purge|wipe|truncate|overwrite|update|write|insert|send|kill|uninstall|revoke|grant|execute|reset)(?:$|[_.A-Z-])/;
/** Names that say that something is gone afterwards, also at their end: `site_delete`. */
const DESTROYS =
  /^(?:delete|remove|drop|destroy|purge|wipe|truncate)(?:$|[_.A-Z-])|[_.-](?:delete|drop|destroy|purge|wipe|truncate)$/;

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
  async run(probe) {
    const { tools } = probe.known;
    if (tools.length === 0) return notApplicable('the server lists no tools');
    const found = tools.flatMap(({ name, annotations }) => {
      const { readOnlyHint, destructiveHint } = annotations;
      const wrong = HINTS.filter((hint) => hint in annotations && typeof annotations[hint] !== 'boolean');
      return [
        ...(wrong.length > 0 ? [`${name}: ${wrong.join(', ')} is not true or false`] : []),
        ...(readOnlyHint === true && destructiveHint === true ? [`${name}: read-only and destructive`] : []),
        ...(readOnlyHint === true && (CHANGES.test(name) || DESTROYS.test(name))
          ? [`${name}: read-only, by name a change`]
          : []),
        ...(readOnlyHint !== true && destructiveHint === false && DESTROYS.test(name)
          ? [`${name}: not destructive, by name it is`]
          : []),
      ];
    });
    return found.length > 0 ? fail(placesOf(found)) : passWhole(probe, `${tools.length} tools`);
  },
};
