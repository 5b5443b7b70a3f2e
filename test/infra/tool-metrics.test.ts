import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { estimate } from '../../cli/cost/estimate.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';
import { all, type Resource } from './templates.ts';
import { toolWith } from './tool-statements.ts';

/** None of the tools reads pages. */
const plain: StageConfig = { ...stages.dev, task: { cpu: 256, memoryMiB: 512 } };
const config: StageConfig = { ...plain, monitoring: { toolMetrics: true } };
const named = (count: number): ToolDefinition[] =>
  Array.from({ length: count }, (_, index) => toolWith(undefined, `tool_${index}`));

describe('metrics of tools', () => {
  const found = Template.fromStack(stack(config, undefined, named(7)));
  const filters = all(found, 'AWS::Logs::MetricFilter')
    .map(({ Properties }: Resource) => Properties)
    .filter(({ MetricTransformations: [one] }) => one.MetricName === 'ToolDuration');

  test('count the calls of the tools that the stage serves, and of no name that a client makes up', () => {
    const listed = filters.flatMap(({ FilterPattern }) =>
      [...FilterPattern.matchAll(/\(\$\.tool = "(\w+)"\)/g)].map(([, name]) => name),
    );
    expect(listed).toEqual(named(7).map(({ name }) => name));
    for (const { FilterPattern, MetricTransformations } of filters) {
      expect(FilterPattern).toMatch(
        /^\{ \(\$\.type = "audit"\) && \(\$\.method = "tools\/call"\) && \(.*\$\.tool = .*\) \}$/,
      );
      expect(MetricTransformations).toEqual([
        {
          MetricNamespace: 'HardenedMcp/Mcp-test',
          MetricName: 'ToolDuration',
          MetricValue: '$.durationMs',
          Dimensions: [
            { Key: 'Tool', Value: '$.tool' },
            { Key: 'Outcome', Value: '$.outcome' },
          ],
          Unit: 'Milliseconds',
        },
      ]);
    }
  });

  test('count the tools of a server behind the service, and those of the service beside it', () => {
    const task = { server: { image: './server', port: 8000, path: '/mcp' } };
    const beside = stack({ ...config, task }, undefined, named(1));
    expect(JSON.stringify(all(Template.fromStack(beside), 'AWS::Logs::MetricFilter'))).toMatch(
      /\(\$\.tool = \\"tool_0\\"\) \|\| \(\$\.tool = \\"\w+\\"\)/,
    );
  });

  test('are on the dashboard, as calls and as durations', () => {
    const body = JSON.stringify(all(found, 'AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties));
    expect(body).toContain('Calls by tool and outcome');
    for (const statistic of ['SampleCount', 'p99']) {
      expect(body).toContain(`MetricName=\\\\\\"ToolDuration\\\\\\"', '${statistic}', 300)`);
    }
  });

  test('cost at most seven metrics for each tool', () => {
    const costs = (of: Template) => {
      const { items } = estimate('test', 'us-east-1', of.toJSON());
      return items
        .filter(({ type }) => type === 'AWS::Logs::MetricFilter')
        .flatMap(({ lines }) => lines)
        .reduce((sum, { idle = 0 }) => sum + idle, 0);
    };
    const without = Template.fromStack(stack(plain, undefined, named(7)));
    expect(costs(found) - costs(without)).toBe(7 * 7);
  });

  test.each([0, 31])('are refused with %i tools', (count) => {
    expect(() => stack(config, undefined, named(count))).toThrow(
      `monitoring.toolMetrics needs 1 to 30 tools that the stage serves, got ${count}`,
    );
  });

  test('have a pattern that fits with the longest names', () => {
    const longest = named(7).map((tool, index) => ({ ...tool, name: `${index}`.repeat(64) }));
    for (const { Properties } of all(
      Template.fromStack(stack(config, undefined, longest)),
      'AWS::Logs::MetricFilter',
    )) {
      expect(Properties.FilterPattern.length).toBeLessThanOrEqual(1024);
    }
  });
});
