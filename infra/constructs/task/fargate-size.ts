/** Memory in MiB that Fargate supports for each number of CPU units: first, last and step. */
const MEMORY_MIB: ReadonlyMap<number, readonly [first: number, last: number, step: number]> = new Map([
  [256, [512, 2048, 512]],
  [512, [1024, 4096, 1024]],
  [1024, [2048, 8192, 1024]],
  [2048, [4096, 16_384, 1024]],
  [4096, [8192, 30_720, 1024]],
  [8192, [16_384, 61_440, 4096]],
  [16384, [32_768, 122_880, 8192]],
]);

/** CPU units that Fargate supports. */
export const CPU_UNITS = [...MEMORY_MIB.keys()];

/** @returns the broken rule, undefined for a size that Fargate supports for Linux tasks */
export function memoryRule(cpu: number, memoryMiB: number): string | undefined {
  const [first = 0, last = 0, step = 1] = MEMORY_MIB.get(cpu) ?? [];
  // 256 CPU units do not support 1536 MiB.
  const skipped = cpu === 256 && memoryMiB === 1536;
  const fits = !skipped && memoryMiB >= first && memoryMiB <= last && (memoryMiB - first) % step === 0;
  return fits ? undefined : `from ${first} to ${last} in steps of ${step} with cpu ${cpu}`;
}
