import { readFileSync } from 'node:fs';
import { type FaultServer, startServer } from '../../faults/support/server.ts';
import type { RoundRobin } from './round-robin.ts';

/** Ticks per second in which Linux counts CPU time, `getconf CLK_TCK`. */
const TICKS = 100;
/** An address that counts as public; edge.cjs redirects it to loopback. */
const PUBLIC = '93.184.216.34';

/** Processes behind one balancer, all from one configuration, as tasks of one service. */
export interface Fleet {
  readonly servers: readonly FaultServer[];
  /** Starts another process, which joins as soon as it listens. */
  grow(): Promise<FaultServer>;
  /** Milliseconds of CPU that the living processes have used. */
  cpuMs(): number;
}

/** @param bundle path of the program. @default - the service with the fixture tools */
export async function startFleet(
  size: number,
  balancer: RoundRobin,
  pagePort: number,
  bundle?: string,
): Promise<Fleet> {
  const servers: FaultServer[] = [];
  const fleet: Fleet = {
    servers,
    async grow() {
      const variables = {
        SCRAPE_ALLOWED_DOMAINS: 'page.example.com',
        FAULT_NAMES: JSON.stringify({ 'page.example.com': [[PUBLIC]] }),
        FAULT_HOSTS: JSON.stringify({ [PUBLIC]: pagePort }),
        MCP_CLIENT_LIMIT_PER_MINUTE: '100000',
        MCP_TOOL_LIMIT_PER_MINUTE: '100000',
      };
      const server = await startServer(variables, bundle === undefined ? {} : { bundle });
      servers.push(server);
      balancer.add(server.port);
      return server;
    },
    cpuMs: () => servers.reduce((sum, { child }) => sum + cpuOf(child.pid), 0),
  };
  for (let n = 0; n < size; n++) await fleet.grow();
  return fleet;
}

function cpuOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
  } catch {
    return 0;
  }
}
