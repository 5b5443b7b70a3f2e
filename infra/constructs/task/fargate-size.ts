import { OptionError } from '../../lib/validation.ts';

/** Memory in MiB that Fargate pairs with each number of CPU units: first, last and step. */
const MEMORY_MIB: Readonly<Record<number, readonly [first: number, last: number, step: number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
};

/** Fails unless Fargate runs Linux tasks of this size. */
export function assertFargateSize(cpu: number, memoryMiB: number): void {
  const memory = MEMORY_MIB[cpu];
  if (memory === undefined) {
    throw new OptionError(`task.cpu must be one of ${Object.keys(MEMORY_MIB).join(', ')} units, got ${cpu}`);
  }
  const [first, last, step] = memory;
  // 256 CPU units skip 1536 MiB.
  const skipped = cpu === 256 && memoryMiB === 1536;
  if (skipped || memoryMiB < first || memoryMiB > last || (memoryMiB - first) % step !== 0) {
    throw new OptionError(
      `task.memoryMiB must be from ${first} to ${last} in steps of ${step} with cpu ${cpu}, got ${memoryMiB}`,
    );
  }
}
