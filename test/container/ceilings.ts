/** MiB of the bundle, a seventh above what it has; whoever exceeds it looks at what came in: `npx esbuild --analyze`. */
export const MAX_BUNDLE_MIB = 4.5;
/** MiB that the image adds to its base: the bundle and nothing else. */
export const MAX_LAYER_MIB = 4.6;
/** From `run` to the first good health check: three times what half a core took on a busy machine, twice what a quarter did. */
export const MAX_HEALTHY_MS = 6_000;

/** What is larger or slower than it may be. */
export function ceilingFindings(measured: {
  readonly bundleMiB: number;
  readonly layerMiB: number;
  readonly healthyMs: number;
}): string[] {
  const { bundleMiB, layerMiB, healthyMs } = measured;
  return [
    ...(bundleMiB <= MAX_BUNDLE_MIB ? [] : [`the bundle has ${bundleMiB.toFixed(2)} MiB`]),
    ...(layerMiB <= MAX_LAYER_MIB ? [] : [`the image adds ${layerMiB.toFixed(2)} MiB to its base`]),
    ...(healthyMs <= MAX_HEALTHY_MS ? [] : [`healthy after ${healthyMs.toFixed(0)} ms`]),
  ];
}
