import { diesOn, reader, respondsOn, type Servers } from '../../../test/support/scenarios.ts';

const onConsole = (text: string) =>
  respondsOn(({ request }) => request.url === '/console', 404, text, 'text/plain');

export const SERVERS: Servers = {
  fails: onConsole(
    'System.InvalidOperationException: x\n   at App.Tools.Run(String name) in /src/Tools.cs:line 12',
  ),
  // A definition that quotes a stack trace.
  passes: {
    tools: [{ ...reader('explain', 'trace'), description: 'Explains "Traceback (most recent call last)"' }],
  },
  cannotTell: diesOn(({ request }) => request.url === '/console'),
};
