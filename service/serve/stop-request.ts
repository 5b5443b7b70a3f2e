const POLL_MS = 100;

/**
 * Calls `stop` when the process is asked to stop: by SIGTERM, by SIGINT, or, in an npm script, because the shell that
 * npm started it through has exited. npm sends its signals to that shell. A shell that does not replace itself with the
 * command (dash, for one) exits on a signal and does not forward it.
 *
 * @param npmScript name of the npm script that runs, as npm sets it; absent outside of npm
 */
export function onStopRequest(stop: (reason: string) => void, npmScript: string | undefined): void {
  // Stays installed: a second signal (npm forwards Ctrl-C in addition to the terminal) must not end the drain early.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  if (npmScript === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop('parent exited');
  }, POLL_MS);
  timer.unref();
}
