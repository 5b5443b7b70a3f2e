/** MiB of the bundle, a seventh above its size. If you exceed it, look for the cause: `npx esbuild --analyze`. */
export const MAX_BUNDLE_MIB = 4.5;
/** MiB that the image adds to its base: the bundle and nothing else. */
export const MAX_LAYER_MIB = 4.6;
/** From `run` to the first good health check: three times the duration on half a busy core, twice that on a quarter. */
export const MAX_HEALTHY_MS = 6_000;

/** Sizes and durations above their ceiling. */
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
