import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { stages } from './stages.ts';
import { tools } from './tools.ts';

/** A tool that states these needs, and does nothing. */
export function toolWith(needs: ToolDefinition['needs'], name = 'own'): ToolDefinition {
  const create = () => Promise.reject(new Error('the stack starts no tool'));
  return { name, create, ...(needs && { needs }) };
}

/** The size of the stage, without options about pages. */
const size = { cpu: 256, memoryMiB: 512 };

/** The lines of the error of a stage with these tools; none if it is valid. */
export function problemsOf(config: object, definitions: readonly ToolDefinition[] = tools): string[] {
  try {
    parseStageConfig({ ...stages.dev, task: size, ...config } as StageConfig, definitions);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** The statement of one action on one resource. */
export const right = (action: string, resource = '*') => ({
  awsActions: [{ actions: [action], resources: [resource] }],
});
