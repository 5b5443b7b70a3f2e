import type { QueryStringProps } from 'aws-cdk-lib/aws-logs';

export interface AuditQuery {
  /** Name in the console, below the stack's name. */
  readonly title: string;
  readonly lines: QueryStringProps;
  /** Commands after those: QueryString has no place for a filter on statistics. @default none */
  readonly afterwards?: readonly string[];
}

const AUDIT = 'type = "audit"';
/** Milliseconds after which a call has ended and its record has arrived; scraping takes at most 50 s. */
const LONGEST_CALL_MS = 120_000;

/** Saved queries for a review of the audit log. RUNBOOK.md describes how to read each. */
export const AUDIT_QUERIES: Readonly<Record<string, AuditQuery>> = {
  WhoCalledWhat: {
    title: 'Who called what',
    lines: {
      filterStatements: [AUDIT, 'ispresent(tool)'],
      statsStatements: [
        'count(*) as calls, pct(durationMs, 99) as p99Ms, sum(resultBytes) as bytes by clientId, userId, tool, outcome',
      ],
      sort: 'calls desc',
      limit: 100,
    },
  },
  ProtocolVersions: {
    title: 'Protocol versions by client',
    lines: {
      filterStatements: [AUDIT, 'ispresent(method)'],
      statsStatements: [
        'count(*) as requests, latest(@timestamp) as last by protocolVersion, clientId, errorCode',
      ],
      sort: 'protocolVersion asc, requests desc',
      limit: 200,
    },
  },
  DeniedByClient: {
    title: 'Denied calls by client',
    lines: {
      filterStatements: [AUDIT, 'outcome in ["denied", "rate_limited"] or errorCode = "redirect_refused"'],
      statsStatements: [
        'count(*) as refused, latest(@timestamp) as last by clientId, userId, sourceIp, errorCode, host, finalHost, reason',
      ],
      sort: 'refused desc',
      limit: 100,
    },
  },
  WhereCallsWent: {
    title: 'Where calls went',
    lines: {
      filterStatements: [AUDIT, 'ispresent(host)'],
      statsStatements: [
        'count(*) as calls, latest(@timestamp) as last by host, finalHost, clientId, userId, outcome',
      ],
      sort: 'calls desc',
      limit: 200,
    },
  },
  StartedNotFinished: {
    title: 'Calls that began and have no record',
    lines: {
      fields: ['strcontains(type, "audit") as ended'],
      filterStatements: [
        // now() is in seconds.
        `(type = "log" and event = "call_started" and toMillis(@timestamp) < now() * 1000 - ${LONGEST_CALL_MS}) or (type = "audit" and ispresent(tool))`,
      ],
      statsStatements: [
        'sum(ended) as records, earliest(@timestamp) as began, latest(clientId) as client, latest(userId) as user, latest(tool) as called, latest(host) as site by requestId',
      ],
    },
    afterwards: ['filter records = 0', 'sort began desc', 'limit 100'],
  },
  UnusualVolume: {
    title: 'Unusual volume',
    lines: {
      filterStatements: [AUDIT],
      statsStatements: [
        'count(*) as calls, sum(resultBytes) as bytes, count_distinct(sourceIp) as addresses by clientId, userId, bin(1h) as hour',
      ],
      sort: 'calls desc',
      limit: 100,
    },
  },
  SecretsAccess: {
    title: 'Secrets access',
    lines: {
      fields: ['@timestamp', 'event', 'reference', 'ageSeconds', 'message', '@logStream'],
      filterStatements: ['type = "log"', 'event like /^secret_|^token_list_|^access_list_|^issuer_/'],
      sort: '@timestamp desc',
      limit: 200,
    },
  },
  OneUser: {
    title: 'Everything of one user',
    lines: {
      fields: ['@timestamp', 'clientId', 'tool', 'host', 'outcome', 'errorCode', 'requestId', 'traceId'],
      filterStatements: [AUDIT, 'userId = "PUT THE userId HERE"'],
      sort: '@timestamp desc',
      limit: 1000,
    },
  },
  OneTrace: {
    title: 'Everything of one trace',
    lines: {
      fields: ['@timestamp', '@message'],
      filterStatements: ['traceId = "PUT THE TRACE ID HERE"'],
      sort: '@timestamp asc',
      limit: 200,
    },
  },
  OneRequest: {
    title: 'Everything of one request',
    lines: {
      fields: ['@timestamp', '@message'],
      filterStatements: ['requestId = "PUT THE X-Request-Id HERE"'],
      sort: '@timestamp asc',
      limit: 50,
    },
  },
};
