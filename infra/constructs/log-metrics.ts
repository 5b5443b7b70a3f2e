import { type IMetric, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type IFilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { REVISIONS } from '../../service/environment/bounds.ts';

const LATEST = REVISIONS[REVISIONS.length - 1] ?? '';

export interface LogMetricsProps {
  readonly logGroup: ILogGroup;
  /** Whether tasks fetch an issuer's keys. */
  readonly oauth: boolean;
  /** Whether tasks share a rate limit store. */
  readonly rateLimitStore: boolean;
  /** Whether tasks have an MCP server behind the service. */
  readonly server: boolean;
}

/** Metrics of the service's log lines that need an alarm. The filters match the service's own words. */
export class LogMetrics extends Construct {
  /** Calls refused by authentication, authorization or the URL guard. */
  readonly denied: IMetric;
  /** Calls over a limit of a client, of a tool or of an address's refused tokens. */
  readonly rateLimited: IMetric;
  /** Calls that failed on our side or timed out. */
  readonly failed: IMetric;
  /** A secret could not be refreshed, or a list in it is unusable; the last valid value is in use. */
  readonly secretRefreshFailed: IMetric;
  /** A task read a changed access list: an administrator has denied or allowed something. */
  readonly accessListChanged: IMetric;
  /** Answered messages of protocol revisions before 2026-07-28. */
  readonly legacyCalls: IMetric;
  /** The audit buffer is full: calls are refused until the log driver accepts lines again. */
  readonly auditBackpressure: IMetric;
  /** The issuer's keys could not be fetched; only with OAuth. */
  readonly issuerKeysFailed?: IMetric;
  /** A task lost the rate limit store; only with a store. */
  readonly limitStoreDown?: IMetric;
  /** A tool of the server differs from tools.lock.json, and is refused; only with a server. */
  readonly toolChanged?: IMetric;
  /** Calls that the server did not answer; only with a server. */
  readonly serverUnavailable?: IMetric;

  constructor(scope: Construct, id: string, props: LogMetricsProps) {
    super(scope, id);
    const { logGroup } = props;
    this.denied = this.count('DeniedCalls', logGroup, outcome('denied'));
    this.rateLimited = this.count('RateLimitedCalls', logGroup, outcome('rate_limited'));
    this.failed = this.count('FailedCalls', logGroup, outcome('error', 'timeout'));
    this.secretRefreshFailed = this.count(
      'SecretRefreshFailed',
      logGroup,
      event('secret_refresh_failed', 'token_list_invalid', 'access_list_invalid'),
    );
    this.accessListChanged = this.count('AccessListChanged', logGroup, event('access_list_changed'));
    this.legacyCalls = this.count('LegacyCalls', logGroup, legacy());
    this.auditBackpressure = this.count('AuditBackpressure', logGroup, event('audit_backpressure'));
    if (props.oauth) {
      this.issuerKeysFailed = this.count('IssuerKeysFailed', logGroup, event('issuer_keys_failed'));
    }
    if (props.rateLimitStore) {
      this.limitStoreDown = this.count(
        'LimitStoreDown',
        logGroup,
        event('rate_limit_store_down', 'rate_limit_store_not_replaced'),
      );
    }
    if (props.server) {
      this.toolChanged = this.count(
        'ToolChanged',
        logGroup,
        event('tool_changed', 'resource_changed', 'prompt_changed'),
      );
      this.serverUnavailable = this.count('ServerUnavailable', logGroup, errorCode('server_unavailable'));
    }
  }

  private count(name: string, logGroup: ILogGroup, filterPattern: IFilterPattern): IMetric {
    const filter = new MetricFilter(this, name, {
      logGroup,
      filterPattern,
      metricNamespace: `HardenedMcp/${Stack.of(this).stackName}`,
      metricName: name,
      metricValue: '1',
      defaultValue: 0,
      unit: Unit.COUNT,
    });
    return filter.metric({ statistic: Stats.SUM, period: Duration.minutes(5) });
  }
}

function outcome(...outcomes: string[]): IFilterPattern {
  return FilterPattern.all(
    FilterPattern.stringValue('$.type', '=', 'audit'),
    FilterPattern.any(...outcomes.map((value) => FilterPattern.stringValue('$.outcome', '=', value))),
  );
}

function errorCode(code: string): IFilterPattern {
  return FilterPattern.all(
    FilterPattern.stringValue('$.type', '=', 'audit'),
    FilterPattern.stringValue('$.errorCode', '=', code),
  );
}

/** Messages that were answered. Older revisions have no header in the handshake, and none at all before 2025-06-18. */
function legacy(): IFilterPattern {
  return FilterPattern.all(
    FilterPattern.stringValue('$.type', '=', 'audit'),
    FilterPattern.any(
      FilterPattern.stringValue('$.outcome', '=', 'ok'),
      FilterPattern.stringValue('$.outcome', '=', 'tool_error'),
    ),
    FilterPattern.any(
      FilterPattern.notExists('$.protocolVersion'),
      FilterPattern.stringValue('$.protocolVersion', '!=', LATEST),
    ),
  );
}

function event(...names: string[]): IFilterPattern {
  return FilterPattern.all(
    FilterPattern.stringValue('$.type', '=', 'log'),
    FilterPattern.any(...names.map((name) => FilterPattern.stringValue('$.event', '=', name))),
  );
}
