import {
  type FaultServer,
  type FaultServerOptions,
  startServer as startFixtures,
} from '../../../../faults/support/server.ts';
import { serviceBundle } from '../../../../support/bundles.ts';

export * from '../../../../faults/support/server.ts';

/** The deployed program with the tools of service/tools, once it listens. */
export function startServer(
  variables?: Record<string, string>,
  options?: FaultServerOptions,
): Promise<FaultServer> {
  return startFixtures(variables, { bundle: serviceBundle(), ...options });
}
