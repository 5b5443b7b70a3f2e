import { isIP } from 'node:net';
import { Token } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { OptionError } from '../../lib/option-error.ts';
import type { TaskEnvironmentOptions } from '../../lib/task-environment.ts';

/**
 * Names that tasks may resolve, in the syntax of DNS Firewall: `*.example.com` matches any name below, `example.com`
 * that name only.
 */
export interface ResolvableNames {
  /** Hosts that the scrape tool fetches: `task.allowedDomains`, with the same meaning as in the URL guard. */
  readonly scraped: readonly string[];
  /** Hosts that every task needs. */
  readonly needed: readonly string[];
}

export interface ResolvableNamesProps {
  readonly region: string;
  /** Whether tasks have a route to the internet. */
  readonly internet: boolean;
  readonly task: Pick<TaskEnvironmentOptions, 'scrapeEngine' | 'allowedDomains' | 'oauth'>;
  /** Hosts that the pull of each image resolves, by the option that names it; empty when the registry is not ECR. */
  readonly imageDomains: Readonly<Record<string, readonly string[]>>;
  /** Names that the server behind the service resolves. @default - no server */
  readonly serverHosts?: readonly string[] | undefined;
  /** Hosts of the tools, and of the AWS services that they call. */
  readonly toolHosts: readonly string[];
  /** Hosts of the AWS services that other parts call through VPC endpoints. */
  readonly endpointHosts: readonly string[];
  /** Hosts that the GuardDuty agent resolves. @default - no agent */
  readonly agentDomains?: readonly string[] | undefined;
  /** Host name of the rate limit store, known at deployment. @default - none */
  readonly rateLimitStoreHost?: string | undefined;
  /** `dnsFirewall.additionalDomains` */
  readonly additionalDomains: readonly string[];
}

/** Whether the scrape tool may fetch from any public host, so that no list of names can restrict it. */
export function resolvesAnyName({
  task,
  internet,
}: Pick<ResolvableNamesProps, 'task' | 'internet'>): boolean {
  return scrapedHere(task, internet).includes('*');
}

/** @throws OptionError for an image from a registry whose host names are not known */
export function resolvableNames(props: ResolvableNamesProps): ResolvableNames {
  const { region, task, imageDomains, additionalDomains } = props;
  for (const [option, domains] of Object.entries(imageDomains)) {
    if (domains.length > 0 || additionalDomains.length > 0) continue;
    throw new OptionError(
      `dnsFirewall.additionalDomains must name the hosts of the registry of ${option} and those it serves layers from, because that is not ECR`,
    );
  }
  const aws = `${region}.${RegionInfo.get(region).domainSuffix}`;
  const needed = [
    ...oneRegistry(Object.values(imageDomains).flat()),
    // The log driver runs in the task's network, and the service reads secrets itself. Both services call KMS
    // themselves. Role credentials, metadata and time come from link-local addresses, and the ECS agent has its own
    // interface.
    `logs.${aws}`,
    `secretsmanager.${aws}`,
    ...(task.scrapeEngine === 'webscraping-ai' ? [WEBSCRAPING_AI] : []),
    ...issuerHosts(task),
    ...props.toolHosts,
    ...props.endpointHosts,
    ...(props.agentDomains ?? []),
    ...(props.rateLimitStoreHost === undefined ? [] : [props.rateLimitStoreHost]),
    ...(props.serverHosts ?? []),
    ...additionalDomains,
  ];
  return { scraped: unique(scrapedHere(task, props.internet)), needed: unique(needed) };
}

/** Host of the API behind engine `webscraping-ai`, which resolves and fetches the pages instead of the task. */
const WEBSCRAPING_AI = 'api.webscraping.ai';

/** Hosts that tasks themselves connect to for a page. */
function scrapedHere(task: ResolvableNamesProps['task'], internet: boolean): readonly string[] {
  return internet && task.scrapeEngine !== 'webscraping-ai' ? task.allowedDomains : [];
}

/**
 * The metadata's `jwks_uri` is not known at synth time; if its host differs from the issuer's, an option must name it.
 */
function issuerHosts({ oauth }: ResolvableNamesProps['task']): string[] {
  const urls = [oauth?.issuer, oauth?.jwksUrl].flatMap((url) => URL.parse(url ?? '') ?? []);
  return urls.map(({ hostname }) => hostname).filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0);
}

/**
 * The hosts of images, with one name for the registries if one is of this account and another of a named one. Synth does not
 * know whether these are the same account, and then DNS Firewall would refuse the name that is in the list twice.
 */
function oneRegistry(hosts: readonly string[]): string[] {
  const isRegistry = (host: string) => host.includes('.dkr.ecr.');
  const registries = unique(hosts.filter(isRegistry));
  if (registries.length < 2 || !registries.some((host) => Token.isUnresolved(host))) return [...hosts];
  return hosts.map((host) => (isRegistry(host) ? host.replace(/^.*?(?=\.dkr\.ecr\.)/, '*') : host));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
