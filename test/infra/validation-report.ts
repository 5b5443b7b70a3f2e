import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib/core';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** An open finding of a synthesis. */
export interface Open {
  readonly path: string;
  /** As the report prints it after "Acknowledge with". */
  readonly id: string;
  readonly severity: string;
  readonly fix: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly severity: string;
      readonly suggestedFix?: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** The assembly of an app whose synthesis may have failed on findings. */
export function assemblyOf({ outdir }: App): CloudAssembly {
  return new CloudAssembly(outdir);
}

/** The open findings of the app's synthesis, which may fail. */
export function openFindings(app: App): Open[] {
  try {
    app.synth();
  } catch (error) {
    if (!String(error).includes('ValidationFailed') && !String(error).includes('Validation failed'))
      throw error;
  }
  const { pluginReports }: Report = JSON.parse(
    readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
  );
  return pluginReports.flatMap(({ pluginName, violations }) =>
    violations.flatMap(({ ruleName, severity, suggestedFix = '', violatingConstructs }) =>
      violatingConstructs.map(({ constructPath: path }) => ({
        ...{ path, severity, fix: suggestedFix },
        id: ruleName.startsWith(`${pluginName}::`) ? ruleName : `${pluginName}::${ruleName}`,
      })),
    ),
  );
}
