import { diesOn, reader, respondsOn, type Servers } from '../../../test/support/scenarios.ts';

const onConsole = (text: string) =>
  respondsOn(({ request }) => request.url === '/console', 404, text, 'text/plain');

export const SERVERS: Servers = {
  fails: onConsole('no /home/deploy/mcp/console'),
  passes: { tools: [{ ...reader('save', 'note'), description: 'Saves to /home/you/notes' }] },
  cannotTell: diesOn(({ request }) => request.url === '/console'),
};
