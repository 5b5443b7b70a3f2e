import { reactionOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, notApplicable, pass } from '../../verdict.ts';

export const authenticationOpenHandshake: Check = {
  id: 'authentication/open-handshake',
  title: 'The first request of a client needs a token too',
  fault: 'The first request of a client is answered without a token, although later ones are not',
  severity: 'low',
  why: 'Anyone learns the name, the version and the capabilities of the server, and can open sessions',
  sends: 'initialize and server/discover without a token',
  fix: 'Answer 401 to initialize and server/discover as well; clients then start the authorization at once',
  frameworks: { 'mcp-handler': 'withMcpAuth(handler, verifyToken, { required: true })' },
  reference: 'MCP 2026-07-28 Authorization, Token Requirements',
  baseline: 'answer',
  async run({ known: { eras }, describe }) {
    const denied = eras.filter(({ access }) => access === 'denied');
    if (denied.length === 0) {
      const isOpen = eras.every(({ access }) => access === 'answered');
      return isOpen
        ? notApplicable('the server does not require a token')
        : inconclusive('no request was denied');
    }
    const open = denied.filter(({ bareHello }) => reactionOf(bareHello) === 'answered');
    const say = (some: typeof eras) =>
      some.map((era) => `${era.hello}: ${describe(era.bareHello)}`).join('; ');
    if (open.length > 0) return fail(say(open));
    const unclear = denied.filter(({ bareHello }) => reactionOf(bareHello) === 'unclear');
    return unclear.length > 0 ? inconclusive(say(unclear)) : pass(say(denied));
  },
};
