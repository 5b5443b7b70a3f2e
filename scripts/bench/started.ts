/**
 * Reports this server's port to the bench, and from then on the process's usage whenever the bench asks.
 *
 * @param token token that the server accepts, if it requires one
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
