/**
 * Tells the one who measures this server's port, and from then on what the process has used, each time it is asked.
 *
 * @param token what the server lets in, if it asks for one
 */
export function started(server: { address(): unknown }, token?: string): void {
  process.on('message', () => process.send?.(usage()));
  process.send?.({ ...(server.address() as { port: number }), token });
}

/** CPU time of the whole process in microseconds, memory in bytes. */
function usage() {
  const { user, system } = process.cpuUsage();
  const { maxRSS } = process.resourceUsage();
  return { cpu: user + system, rss: process.memoryUsage.rss(), maxRss: maxRSS * 1024 };
}
