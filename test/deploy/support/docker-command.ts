import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../container/engine.ts';

export interface DockerCommandOptions {
  /** Where the script goes. */
  readonly directory: string;
  readonly engine: Engine;
  /** HOST:PORT of the registry that replaces ECR. */
  readonly registry: string;
  /** Options of `build` besides those of the CLI, including the platform. */
  readonly build: readonly string[];
}

/**
 * A script for CDK_DOCKER: the engine, with a registry on loopback in place of ECR. The image is built for this
 * machine's platform instead of the task's, which would need a CPU emulator in the kernel.
 *
 * @returns its path
 */
export function dockerCommand({ directory, engine, registry, build }: DockerCommandOptions): string {
  const quoted = build.map((option) => `'${option.replaceAll("'", "'\\''")}'`).join(' ');
  const insecure = engine.name === 'podman' ? '--tls-verify=false ' : '';
  const path = join(directory, 'docker');
  const script = `#!/bin/sh
set -e
command=$1
shift
case $command in
login) exec cat >/dev/null ;;
build)
  for option; do
    shift
    if [ "$previous" != --platform ] && [ "$option" != --platform ]; then set -- "$@" "$option"; fi
    previous=$option
  done
  exec ${engine.name} build ${quoted} "$@"
  ;;
push)
  ${engine.name} tag "$1" "${registry}/\${1#*/}"
  exec ${engine.name} push ${insecure}"${registry}/\${1#*/}"
  ;;
*) exec ${engine.name} "$command" "$@" ;;
esac
`;
  writeFileSync(path, script, { mode: 0o700 });
  return path;
}
