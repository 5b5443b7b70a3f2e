/** Hours per month, as in AWS's own calculator. */
export const HOURS = 730;

/** A cost driver that is not in a template. Bytes are decimal: 1 GB is 10⁹. */
export interface Assumption {
  readonly value: number;
  readonly what: string;
}

/** Per `tools/call` that scrapes one page: round numbers, chosen and not measured. */
const perCall = {
  requestBytes: { value: 2_000, what: 'bytes of a request with its headers' },
  answerBytes: { value: 10_000, what: 'bytes of its answer, which leave AWS' },
  connections: { value: 1, what: 'new connection to the load balancer, open for a minute' },
  pageBytes: { value: 100_000, what: 'bytes of the page that is fetched' },
  siteRequestBytes: { value: 1_000, what: 'bytes sent to fetch it, which leave AWS' },
  auditBytes: { value: 1_000, what: 'bytes of the audit record and of the log line at the start of a call' },
  flowLogBytes: { value: 1_000, what: 'bytes of flow logs: 8 records' },
  dnsQueries: { value: 2, what: 'DNS queries: A and AAAA of the page’s host' },
  firewallLogBytes: { value: 20, what: 'bytes of the firewall’s log: one request in a hundred, 2,000 bytes' },
  accessLogBytes: { value: 150, what: 'bytes of the load balancer’s logs, compressed' },
  cacheUnits: { value: 6, what: 'ECPUs: two counting scripts, with a rate limit store' },
} as const satisfies Record<string, Assumption>;

/** Without any call. */
const idle = {
  healthCheckBytes: { value: 500, what: 'bytes of flow logs a health check: 4 records' },
  healthCheckNodes: { value: 2, what: 'nodes of the load balancer, which check each task' },
  insightsBytes: {
    value: 1_000,
    what: 'bytes a minute and task, container, service, cluster: Container Insights',
  },
  dnsLogBytes: { value: 600, what: 'bytes a DNS query in the resolver’s log' },
  logFileSeconds: { value: 300, what: 'seconds between two log files of each node of the load balancer' },
  secretSeconds: { value: 45, what: 'seconds after which a task reads a secret again while calls arrive' },
  accessListSeconds: {
    value: 20,
    what: 'seconds after which a task reads the access list again, with or without calls',
  },
  functionSeconds: { value: 5, what: 'seconds that a scheduled function runs' },
  keptMonths: { value: 12, what: 'months that logs without a retention are counted for' },
} as const satisfies Record<string, Assumption>;

export const ASSUMPTIONS: Readonly<Record<keyof typeof perCall | keyof typeof idle, Assumption>> = {
  ...perCall,
  ...idle,
};

/** A million calls, evenly over the month: 0.4 a second, which need no additional tasks. */
export const CALLS = 1e6;

/** GB that this number of bytes per call adds up to. */
export function gigabytes(bytes: number): number {
  return (bytes * CALLS) / 1e9;
}

/** The value of an assumption. */
export function assume(name: keyof typeof ASSUMPTIONS): number {
  return ASSUMPTIONS[name].value;
}
