import { type StageConfig, stackNameOf } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { hostedZone, stages } from './stages.ts';

/** A stage with whatever has a name of its own: the store of limits, the archive, the budget, the agent. */
const full = {
  ...stages.prod,
  archive: combinations.archive.archive,
  budget: combinations.archive.budget,
  rateLimitStore: {},
  guardDuty: {},
  task: { ...stages.prod.task, scrapeEngine: 'webscraping-ai' },
} as const satisfies StageConfig;

const at = (name: string, domainName: string): StageConfig => ({
  ...full,
  name,
  domain: { domainName, hostedZone },
});

/** Stages that are deployed to one account and region: of one repository, and of a fork of it. */
export const neighbours: readonly { readonly stackName: string; readonly config: StageConfig }[] = (
  [
    ['prod', at('Mcp', 'mcp.example.com')],
    ['next', at('Mcp', 'next.example.com')],
    ['prod', at('Search', 'search.example.com')],
  ] as const
).map(([stage, config]) => ({ stackName: stackNameOf(stage, config), config }));
