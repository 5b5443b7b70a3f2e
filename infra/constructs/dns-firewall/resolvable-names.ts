import { isIP } from 'node:net';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { OptionError } from '../../lib/option-error.ts';
import type { TaskEnvironmentOptions } from '../../lib/task-environment.ts';

/** What tasks may resolve, in the syntax of DNS Firewall: `*.example.com` is any name below, `example.com` that one. */
export interface ResolvableNames {
  /** What the scrape tool fetches from here: `task.allowedDomains`, with the same meaning as in its URL guard. */
  readonly scraped: readonly string[];
  /** What a task starts and runs with. */
  readonly needed: readonly string[];
}

export interface ResolvableNamesProps {
  readonly region: string;
  /** Whether tasks have a route to the internet. */
  readonly internet: boolean;
  readonly task: Pick<TaskEnvironmentOptions, 'scrapeEngine' | 'allowedDomains' | 'oauth'>;
  /** Names that pulling the image resolves; none when its registry is not ECR. */
  readonly imageDomains: readonly string[];
  /** AWS services that tools call through endpoints of ours. */
  readonly endpoints: readonly string[];
  /** Name of the store of the limits, known at deployment. @default - there is none */
  readonly rateLimitStoreHost?: string | undefined;
  /** `dnsFirewall.additionalDomains` */
  readonly additionalDomains: readonly string[];
}

/** Whether the scrape tool may ask for any public host, so that no list of names can be a wall. */
export function resolvesAnyName({
  task,
  internet,
}: Pick<ResolvableNamesProps, 'task' | 'internet'>): boolean {
  return scrapedHere(task, internet).includes('*');
}

/** @throws OptionError for an image of a registry whose host names are not known */
export function resolvableNames(props: ResolvableNamesProps): ResolvableNames {
  const { region, task, imageDomains, additionalDomains } = props;
  if (imageDomains.length === 0 && additionalDomains.length === 0) {
    throw new OptionError(
      'dnsFirewall.additionalDomains must name the hosts of the registry of image.imageUri and those it serves layers from, because that is not ECR',
    );
  }
  const aws = `${region}.${RegionInfo.get(region).domainSuffix}`;
  const needed = [
    ...imageDomains,
    // The log driver runs in the task's network; secrets the service reads itself. KMS is asked by those two. Roles'
    // credentials, metadata and time come from link-local addresses, the agent of ECS has an interface of its own.
    `logs.${aws}`,
    `secretsmanager.${aws}`,
    ...(task.scrapeEngine === 'webscraping-ai' ? [WEBSCRAPING_AI] : []),
    ...issuerHosts(task),
    ...props.endpoints.flatMap((service) => [`${service}.${aws}`, `*.${service}.${aws}`]),
    ...(props.rateLimitStoreHost === undefined ? [] : [props.rateLimitStoreHost]),
    ...additionalDomains,
  ];
  return { scraped: unique(scrapedHere(task, props.internet)), needed: unique(needed) };
}

/** Host of the API behind engine `webscraping-ai`, which resolves and fetches the pages in our stead. */
const WEBSCRAPING_AI = 'api.webscraping.ai';

/** Hosts that tasks themselves connect to for a page. */
function scrapedHere(task: ResolvableNamesProps['task'], internet: boolean): readonly string[] {
  return internet && task.scrapeEngine !== 'webscraping-ai' ? task.allowedDomains : [];
}

/** Where the metadata say the keys are is not known at synth time: on another host, an option has to name it. */
function issuerHosts({ oauth }: ResolvableNamesProps['task']): string[] {
  const urls = [oauth?.issuer, oauth?.jwksUrl].flatMap((url) => URL.parse(url ?? '') ?? []);
  return urls.map(({ hostname }) => hostname).filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
