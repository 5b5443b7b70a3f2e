import { readFileSync } from 'node:fs';

/**
 * Milliseconds of CPU of the main thread: neither other processes nor this process's garbage collector count.
 * Without Linux's /proc, those of the whole process.
 */
export function threadCpuMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
