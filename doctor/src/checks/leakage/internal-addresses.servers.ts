import { diesOn, reader, respondsOn, type Servers } from '../../../test/support/scenarios.ts';

const onConsole = (text: string) =>
  respondsOn(({ request }) => request.url === '/console', 404, text, 'text/plain');

export const SERVERS: Servers = {
  fails: onConsole('upstream 10.1.2.3'),
  passes: { tools: [{ ...reader('connect', 'name'), description: 'Connects to a router at 192.168.1.1' }] },
  cannotTell: diesOn(({ request }) => request.url === '/console'),
};
