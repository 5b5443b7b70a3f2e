import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { allow, type Check, type CheckContext } from './check.ts';
import { anyToken, NO_TOKEN_FIX, tokenNeeds } from './client-token.ts';
import { resourceOf, resourcesOf } from './deployed-stack.ts';
import { callTool, listTools, urlOf } from './endpoint.ts';
import { OutsideError, reach } from './reach.ts';
import { repeat } from './time.ts';

/** Time for a query to reach the log. */
const PATIENCE = { everyMs: 15_000, forMs: 3 * 60_000 };
/** Includes the start of the tasks, if they were deployed today. */
const WINDOW_MS = 24 * 60 * 60_000;

/** No task asked for a name that the DNS firewall blocks, when it started and when a tool was called. */
export const dnsLog: Check = {
  name: 'dns-log',
  needs: (stage) => [
    allow(
      'QueryLog',
      ['logs:FilterLogEvents'],
      `arn:${stage.partition}:logs:${stage.region}:*:log-group:dns-queries-${stage.stackName}-*`,
    ),
    ...tokenNeeds(stage),
  ],
  async run(context) {
    if (resourcesOf(context.stack, 'AWS::Route53Resolver::ResolverQueryLoggingConfig').length === 0)
      return { verdict: 'ok', detail: 'this stage has no DNS firewall' };
    const logGroupName = resourceOf(context.stack, 'AWS::Logs::LogGroup', 'DnsFirewallLogGroup');
    const calledAt = context.time.now();
    const outside = await reach(context).catch((error: Error) => {
      if (error instanceof OutsideError) return error;
      throw error;
    });
    const called = outside === undefined ? await call(context) : undefined;
    const queries = await repeat(
      context.time,
      PATIENCE,
      () => readQueries(context, logGroupName, calledAt - WINDOW_MS),
      ({ blocked, newest }) => outside !== undefined || blocked.size > 0 || newest >= calledAt,
    );
    if (queries.blocked.size > 0) {
      return {
        verdict: 'failed',
        detail: `${queries.blocked.size} names were blocked within 24 hours`,
        lines: [...queries.blocked].map(([name, count]) => `${name} (${count} queries)`),
        fix: 'If a tool calls the name, add it to needs.hosts of the tool; if another part of the task does, to dnsFirewall.additionalDomains; if AWS needs it, report it. See DnsQueriesBlocked in RUNBOOK.md',
      };
    }
    if (queries.count === 0) {
      return {
        verdict: 'could not tell',
        detail: 'the query log is empty',
        fix: 'Read the query logging configuration of the VPC: is it associated, and may it write to the log group?',
      };
    }
    if (outside !== undefined) throw outside;
    if (called === undefined)
      return {
        verdict: 'could not tell',
        detail: `no name was blocked in 24 hours, but no call was made`,
        fix: NO_TOKEN_FIX,
      };
    return {
      verdict: 'ok',
      detail: `no name was blocked in 24 hours (${queries.count} queries), ${called} included`,
    };
  },
};

/** Calls a tool that resolves a name of the configuration, if there is such a tool. @returns undefined without a token */
async function call(context: CheckContext): Promise<string | undefined> {
  const token = await anyToken(context);
  if (token === undefined) return undefined;
  const url = urlOf(context.stack);
  const tools = await listTools(context.time, url, token);
  const host = context.stage.config.task?.allowedDomains?.find((domain) => !domain.includes('*'));
  if (host === undefined || !tools.includes('scrape_url')) return 'a list of tools';
  const succeeded = await callTool(url, token, 'scrape_url', { url: `https://${host}/` });
  return succeeded ? 'a scraped page' : 'a page that could not be scraped';
}

interface Queries {
  readonly count: number;
  /** Time of the newest query, in epoch milliseconds. */
  readonly newest: number;
  /** Number of queries by blocked name. */
  readonly blocked: ReadonlyMap<string, number>;
}

async function readQueries({ aws }: CheckContext, logGroupName: string, startTime: number): Promise<Queries> {
  const blocked = new Map<string, number>();
  let count = 0;
  let newest = 0;
  for await (const { events = [] } of paginateFilterLogEvents(
    { client: aws.logs },
    { logGroupName, startTime },
  )) {
    for (const { message = '{}', timestamp = 0 } of events) {
      const query = JSON.parse(message) as Readonly<Record<string, string>>;
      const { query_name: name = '', firewall_rule_action: action } = query;
      count += 1;
      newest = Math.max(newest, timestamp);
      if (action === 'BLOCK' || action === 'ALERT') blocked.set(name, (blocked.get(name) ?? 0) + 1);
    }
  }
  return { count, newest, blocked };
}
