/** Memory of the smallest task (`dev`), in KiB. */
export const TASK_KIB = 512 * 1024;

/** A heap as Node makes it by itself: half of the memory, and a young generation that is as small as it can be. */
export const heapOptions = (mib: number) => [`--max-old-space-size=${mib}`, '--max-semi-space-size=1'];

/**
 * What Node.js 20 and 24 take by themselves in a container of that size: measured in a control group of 512 MiB, both have
 * a limit of 259 MiB. Without the second option Node.js 24 takes 448 MiB, since it then goes by the machine.
 */
export const TASK_HEAP = heapOptions(256);
