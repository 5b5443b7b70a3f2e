/** AWS's price for one thing in us-east-1, without tax, free tier and discounts. */
export interface Price {
  /** USD for `per` units. */
  readonly usd: number;
  /** Units that `usd` buys. @default 1 */
  readonly per?: number;
  readonly unit: string;
  /** URL of the AWS page that publishes the price. */
  readonly source: string;
  /** Date of the copy of that page, or of AWS's price list, that has the number: `2026-09-20`. */
  readonly read: string;
  /** A note for the reader: an older reading, another region. */
  readonly note?: string;
}

const OLDER = 'from an older reading';

/** Prices of one page, read at one time. */
function page(name: string, read: string, note?: string) {
  return (usd: number, unit: string, per = 1): Price => ({
    ...{ usd, per, unit, source: `https://aws.amazon.com/${name}/pricing/`, read },
    ...(note === undefined ? {} : { note }),
  });
}

const fargate = page('fargate', '2026-09-23');
const storage = page('fargate', '2021-04-22', OLDER);
const balancer = page('elasticloadbalancing', '2026-09-20');
const trust = page('elasticloadbalancing', '2026-09-11');
const vpc = page('vpc', '2026-09-23');
const endpoints = page('privatelink', '2026-09-02');
const endpointData = page('privatelink', '2026-10-06', 'price of us-west-2');
const transfer = page('ec2', '2026-09-23');
const waf = page('waf', '2026-09-07', 'price of ap-northeast-1, documented as the same');
const wafCapacity = page('waf', '2026-08-26');
const kms = page('kms', '2026-09-07');
const secrets = page('secrets-manager', '2026-09-20');
const dns = page('route53', '2026-09-20');
const watch = page('cloudwatch', '2026-08-12');
const metrics = page('cloudwatch', '2026-05-05');
const dashboards = page('cloudwatch', '2026-06-13');
const priceList = page('cloudwatch', '2025-10-28', OLDER);
const lambda = page('lambda', '2026-09-11');
const lambdaArm = page('lambda', '2026-08-28', 'source names no region');
const s3 = page('s3', '2026-08-28', 'source names no region');
const firehose = page('firehose', '2026-08-28', 'source names no region');
const elasticache = page('elasticache', '2026-07-29');

const unchecked = {
  fargateArmVcpu: fargate(0.03238, 'vCPU-hour of Fargate, ARM'),
  fargateArmMemory: fargate(0.00356, 'GB-hour of Fargate, ARM'),
  fargateX86Vcpu: fargate(0.04048, 'vCPU-hour of Fargate, x86'),
  fargateX86Memory: fargate(0.004445, 'GB-hour of Fargate, x86'),
  fargateStorage: storage(0.000111, 'GB-hour of ephemeral storage above 20 GB'),
  loadBalancer: balancer(0.0225, 'hour of an Application Load Balancer'),
  loadBalancerCapacity: balancer(0.008, 'LCU-hour'),
  trustStore: trust(0.005, 'hour of a trust store'),
  publicAddress: vpc(0.005, 'hour of a public IPv4 address'),
  nat: vpc(0.045, 'hour of a NAT gateway in a zone'),
  natData: vpc(0.045, 'GB through a NAT gateway'),
  endpoint: endpoints(0.01, 'hour of an interface endpoint in a zone'),
  endpointData: endpointData(0.01, 'GB through an interface endpoint'),
  internetData: transfer(0.09, 'GB to the internet'),
  webAcl: waf(5, 'web ACL a month'),
  webAclRule: waf(1, 'rule or rule group a month'),
  webAclRequests: waf(0.6, 'million requests to a web ACL', 1e6),
  webAclCapacity: wafCapacity(0.2, 'million requests for each 500 WCU above 1500', 1e6),
  key: kms(1, 'key a month, and as much again for each of its first two rotations'),
  keyRequests: kms(0.03, '10,000 requests to KMS', 10_000),
  secret: secrets(0.4, 'secret a month'),
  secretRequests: secrets(0.05, '10,000 calls of Secrets Manager', 10_000),
  dnsFirewallDomain: dns(0.0005, 'domain in a DNS Firewall list a month'),
  dnsFirewallQueries: dns(0.6, 'million DNS queries', 1e6),
  insightsMetric: watch(0.07, 'metric of Container Insights a month'),
  logData: watch(0.5, 'GB of logs ingested'),
  alarm: metrics(0.1, 'metric of an alarm a month'),
  metric: metrics(0.3, 'custom metric a month'),
  logStorage: metrics(0.03, 'GB of logs kept a month'),
  dashboard: dashboards(3, 'dashboard a month'),
  fastAlarm: priceList(0.3, 'metric of a high-resolution alarm a month'),
  compositeAlarm: priceList(0.5, 'composite alarm a month'),
  logMasking: priceList(0.12, 'GB of logs scanned for data to mask'),
  lambdaArm: lambdaArm(0.0000133334, 'GB-second of a function, ARM'),
  lambdaX86: lambda(0.0000166667, 'GB-second of a function, x86'),
  lambdaRequests: lambda(0.2, 'million invocations of functions', 1e6),
  objectStorage: s3(0.023, 'GB in S3 a month'),
  objectPuts: s3(0.005, '1,000 PUT requests to S3', 1000),
  firehoseData: firehose(0.029, 'GB into Firehose, records rounded up to 5 KB'),
  cacheStorage: elasticache(0.084, 'GB-hour of Valkey, at least 100 MB'),
  cacheRequests: elasticache(0.0023, 'million ECPUs of Valkey', 1e6),
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;

export type PriceName = keyof typeof unchecked;

/**
 * @throws Error naming a price without its unit, AWS's page or the date of its reading, or whose reading is more than a
 * year older than the newest without a note
 */
export function checkPrices<Name extends string>(prices: Readonly<Record<Name, Price>>) {
  const all = Object.entries<Price>(prices);
  const year = (date: string, less = 0) => `${Number(date.slice(0, 4)) - less}${date.slice(4)}`;
  const newest = all.flatMap(([, { read }]) => (DATE.test(read) ? read : [])).sort();
  const oldest = year(newest.at(-1) ?? '', 1);
  for (const [name, { usd, unit, source, read, note }] of all) {
    const fault =
      (!(usd > 0) && 'an amount in USD') ||
      (!unit && 'a unit') ||
      (!/^https:\/\/aws\.amazon\.com\/[\w/-]+\/$/.test(source) && 'the page of AWS that publishes it') ||
      (!DATE.test(read) && 'the date of its reading') ||
      (read < oldest && !note && 'a note that its reading is more than a year older than the newest');
    if (fault) throw new Error(`price ${name} must have ${fault}`);
  }
  return prices;
}

/** The price table: every number with AWS's page and the date on which it was published there. */
export const PRICES = checkPrices<PriceName>(unchecked);
