import { join, resolve } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Folder of a function's sources; its `main.ts` exports `handler`. */
export type FunctionFolder = 'rotation' | 'audit-check';

/**
 * A function's code, one file with the pinned AWS SDK in it: the runtime's own changes without a deployment. It is
 * bundled at synth from nothing but the sources and the lockfile's packages, and known by the hash of the result.
 */
export function bundledCode(folder: FunctionFolder): Code {
  return Code.fromAsset(join(ROOT, 'functions', folder), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never used: bundling on this machine cannot be declined.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outputDirectory) {
          bundle(folder, outputDirectory);
          return true;
        },
      },
    },
  });
}

/** Writes `index.js`, whose `handler` Lambda calls. */
export function bundle(folder: FunctionFolder, outputDirectory: string): void {
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${folder}/main.ts`],
    outfile: join(outputDirectory, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
