import type { Stated } from '../../infra/rules/synthesized-template.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { exampleTool } from '../../service/tools/example.ts';
import { exampleAwsTool } from '../../service/tools/example-aws.ts';
import { exampleHttpTool } from '../../service/tools/example-http.ts';
import { fetchPageTool } from '../support/fetch-page.ts';

/** Fixed tools of the tests of the stack: the list of a fork changes none of them. */
export const tools: readonly ToolDefinition[] = [exampleTool, exampleAwsTool, exampleHttpTool, fetchPageTool];

/** The tools of a stage: those of an image, which are not known, if it names none. */
export function toolsOf({ tools: named }: StageConfig): readonly ToolDefinition[] | undefined {
  return named === undefined ? undefined : tools;
}

/** The same stages for an app, all of whose stages have one list of tools: those that name none serve the plain ones. */
export function withTools(stages: Readonly<Record<string, StageConfig>>): Record<string, StageConfig> {
  return Object.fromEntries(
    Object.entries(stages).map(([name, stage]) => [
      name,
      { tools: { example: {}, fetch_page: {} }, ...stage },
    ]),
  );
}

/** The statements of a stage of combinations.ts, written out. */
export function statedBy({ tools: named = {} }: StageConfig): Stated {
  const resources = ['arn:aws:dynamodb:us-east-1:123456789012:table/orders'];
  const rights = 'example_aws' in named ? [{ actions: ['dynamodb:Query'], resources }] : [];
  return { rights, additions: [] };
}
