import { type IMetric, MathExpression, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { OptionError } from '../lib/option-error.ts';

export interface ToolMetricsProps {
  readonly logGroup: ILogGroup;
  /** Names of the tools that the stage serves, at most 30. */
  readonly tools: readonly string[];
}

/** Each tool has up to seven metrics, one for each outcome: 30 tools cost at most 63 USD a month. */
const MAX_TOOLS = 30;
/** A filter pattern has at most 1,024 characters, and a name at most 128. */
const TOOLS_PER_FILTER = 6;

/**
 * A metric of the duration of calls for each tool and outcome. Its number of samples is the number of calls.
 *
 * A client chooses the tool's name in a refused record, so the filters match only names that the stage serves: a client
 * cannot create metrics.
 */
export class ToolMetrics extends Construct {
  /** Calls by tool and outcome. */
  readonly calls: IMetric;
  /** The 99th percentile of the duration of calls by tool and outcome, in milliseconds. */
  readonly duration: IMetric;

  constructor(scope: Construct, id: string, { logGroup, tools }: ToolMetricsProps) {
    super(scope, id);
    if (tools.length === 0 || tools.length > MAX_TOOLS) {
      throw new OptionError(
        `monitoring.toolMetrics needs 1 to ${MAX_TOOLS} tools that the stage serves, got ${tools.length}`,
      );
    }
    const metricNamespace = `HardenedMcp/${Stack.of(this).stackName}`;
    for (let first = 0; first < tools.length; first += TOOLS_PER_FILTER) {
      const names = tools.slice(first, first + TOOLS_PER_FILTER);
      new MetricFilter(this, `Filter${first}`, {
        logGroup,
        filterPattern: FilterPattern.all(
          FilterPattern.stringValue('$.type', '=', 'audit'),
          FilterPattern.stringValue('$.method', '=', 'tools/call'),
          FilterPattern.any(...names.map((name) => FilterPattern.stringValue('$.tool', '=', name))),
        ),
        metricNamespace,
        metricName: 'ToolDuration',
        metricValue: '$.durationMs',
        dimensions: { Tool: '$.tool', Outcome: '$.outcome' },
        unit: Unit.MILLISECONDS,
      });
    }
    const search = (statistic: string): IMetric =>
      new MathExpression({
        expression: `SEARCH('{"${metricNamespace}",Tool,Outcome} MetricName="ToolDuration"', '${statistic}', 300)`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudWatch replaces these
        label: "${PROP('Dim.Tool')} ${PROP('Dim.Outcome')}",
        period: Duration.minutes(5),
      });
    this.calls = search('SampleCount');
    this.duration = search('p99');
  }
}
