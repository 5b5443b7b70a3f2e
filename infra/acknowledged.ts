import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { didYouMean } from '../service/did-you-mean.ts';
import { OF_THE_FORK } from './acknowledge.ts';

interface Violation {
  readonly ruleName: string;
  readonly violatingConstructs: readonly { readonly constructPath: string }[];
}

interface Suppressed extends Violation {
  readonly acknowledgedId: string;
  readonly acknowledgedAt: string;
  readonly reason: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly Violation[];
    readonly suppressedViolations?: readonly Suppressed[];
  }[];
}

/** An acknowledgement that matched findings. */
export interface Acknowledged {
  /** Such as `Hardened::NoShell`. */
  readonly id: string;
  /** Path of the construct that has the acknowledgement. */
  readonly at: string;
  readonly reason: string;
  /** Paths of the resources with the finding. */
  readonly paths: readonly string[];
}

/** The acknowledgements of one synthesis. */
export interface Acknowledgements {
  readonly used: readonly Acknowledged[];
  /** A line for each one that matches nothing, or covers a whole stack. */
  readonly faults: readonly string[];
  /** A list of the kit's own rules that are broken outside of the extensions; empty if there are none. */
  readonly notice: string;
}

/**
 * Compares the acknowledgements of a fork with the validation report of its synthesis. Tests hold those of the kit itself.
 *
 * @param directory folder of the assembly
 */
export function readAcknowledgements(app: App, directory: string): Acknowledgements {
  const { pluginReports }: Report = JSON.parse(
    readFileSync(join(directory, 'validation-report.json'), 'utf8'),
  );
  const used = usedIn(pluginReports.flatMap(({ suppressedViolations }) => suppressedViolations ?? []));
  const open = pluginReports.flatMap(({ pluginName, violations }) =>
    violations.map((one) => ({ id: qualified(pluginName, one.ruleName), paths: pathsOf(one) })),
  );
  const faults = app.node.findAll().flatMap((construct) =>
    idsAt(construct).flatMap((id) => {
      const path = construct.node.path;
      const matched = used.find((one) => one.id === id && one.at === path);
      if (matched === undefined) {
        const others = open.filter(({ paths }) => paths.some((one) => isWithin(one, path)));
        return `${path}: the acknowledgement of ${id} matches no finding${hint(id, others)}`;
      }
      const below = matched.paths.filter((one) => one !== path);
      if (!Stack.isStack(construct) || below.length === 0) return [];
      return `${path}: the acknowledgement of ${id} covers a whole stack; acknowledge it at ${below.join(', ')}`;
    }),
  );
  return { used, faults: [...new Set(faults)], notice: noticeOf(used) };
}

/** One entry for each acknowledgement: a rule can find several faults in a resource. */
function usedIn(suppressed: readonly Suppressed[]): Acknowledged[] {
  const used = new Map<string, Acknowledged>();
  for (const one of suppressed) {
    const { acknowledgedId: id, acknowledgedAt: at, reason } = one;
    const key = `${id} ${at}`;
    const paths = new Set([...(used.get(key)?.paths ?? []), ...pathsOf(one)]);
    used.set(key, { id, at, reason, paths: [...paths] });
  }
  return [...used.values()];
}

/** A reviewer must see a control that is off, also where the construct is not the fork's. */
function noticeOf(used: readonly Acknowledged[]): string {
  const rows = used
    .filter(({ id }) => id.startsWith('Hardened::'))
    .flatMap(({ id, reason, paths }) =>
      paths.filter((path) => !/^[^/]+\/Extensions/.test(path)).map((path) => `  ${path}  ${id}: ${reason}\n`),
    );
  if (rows.length === 0) return '';
  return `These rules are broken by constructs of the kit itself, and acknowledged:\n${rows.join('')}`;
}

function pathsOf({ violatingConstructs }: Violation): string[] {
  return violatingConstructs.map(({ constructPath }) => constructPath);
}

/** The id as it is printed; some plugins have it in the name of the rule. */
function qualified(plugin: string, rule: string): string {
  return /^[^[(]+::./.test(rule) ? rule : `${plugin.replaceAll(' ', '-')}::${rule}`;
}

function isWithin(path: string, scope: string): boolean {
  return path === scope || path.startsWith(`${scope}/`);
}

/** Ids that `acknowledge` got for a construct itself. */
function idsAt({ node }: IConstruct): string[] {
  return node.metadata.filter(({ type }) => type === OF_THE_FORK).map(({ data }) => String(data));
}

function hint(id: string, open: readonly { readonly id: string }[]): string {
  if (open.length === 0) return ': remove it, or make it only in the stages that have the finding';
  const ids = [...new Set(open.map((one) => one.id))];
  return didYouMean(id, ids) || `; open there: ${ids.join(', ')}`;
}
