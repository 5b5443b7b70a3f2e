import { readFileSync } from 'node:fs';

/**
 * Milliseconds of CPU that the main thread has had: neither other processes nor this one's collector of garbage count.
 * Where the kernel does not say (it is in /proc of Linux), those of the whole process.
 */
export function threadCpuMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
