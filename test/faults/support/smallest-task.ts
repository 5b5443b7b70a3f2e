/** Memory of the smallest task (`dev`), in KiB. */
export const TASK_KIB = 512 * 1024;

/** Node's default heap: half of the memory, with the smallest young generation. */
export const heapOptions = (mib: number) => [`--max-old-space-size=${mib}`, '--max-semi-space-size=1'];

/**
 * Node.js 20 and 24 choose this heap by themselves in a container of that size: measured in a control group of 512
 * MiB, both have a limit of 259 MiB. Without the second option Node.js 24 takes 448 MiB, because it then uses the
 * machine's memory.
 */
export const TASK_HEAP = heapOptions(256);
