import { changes, type Servers, setFields, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  // Not loopback, although it is this machine.
  fails: {
    ...changes((one) => setFields(one, { host: `127.0.0.1:${one.request.socket.localPort}` })),
    host: '0.0.0.0',
  },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
