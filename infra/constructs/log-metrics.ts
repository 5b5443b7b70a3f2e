import { type IMetric, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type IFilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

export interface LogMetricsProps {
  readonly logGroup: ILogGroup;
  /** Whether there are keys of an issuer to fetch. */
  readonly oauth: boolean;
  /** Whether tasks share a store for the limits. */
  readonly rateLimitStore: boolean;
}

/** Counts of the service's log lines that somebody should hear of. The words are the service's own. */
export class LogMetrics extends Construct {
  /** Calls that authentication, authorization or the URL guard refused. */
  readonly denied: IMetric;
  /** Calls over the limit of a client, of a tool or of an address's refused tokens. */
  readonly rateLimited: IMetric;
  /** Calls that failed on our side or ran out of time. */
  readonly failed: IMetric;
  /** A secret could not be read again, or the token list in it cannot be used; the last good value is in use. */
  readonly secretRefreshFailed: IMetric;
  /** The audit buffer is full: calls are refused until the log driver takes lines again. */
  readonly auditBackpressure: IMetric;
  /** The keys of the issuer could not be fetched; with OAuth only. */
  readonly issuerKeysFailed?: IMetric;
  /** A task lost the store of the limits; with one only. */
  readonly limitStoreDown?: IMetric;

  constructor(scope: Construct, id: string, props: LogMetricsProps) {
    super(scope, id);
    const { logGroup } = props;
    this.denied = this.count('DeniedCalls', logGroup, outcome('denied'));
    this.rateLimited = this.count('RateLimitedCalls', logGroup, outcome('rate_limited'));
    this.failed = this.count('FailedCalls', logGroup, outcome('error', 'timeout'));
    this.secretRefreshFailed = this.count(
      'SecretRefreshFailed',
      logGroup,
      event('secret_refresh_failed', 'token_list_invalid'),
    );
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

function event(...names: string[]): IFilterPattern {
  return FilterPattern.all(
    FilterPattern.stringValue('$.type', '=', 'log'),
    FilterPattern.any(...names.map((name) => FilterPattern.stringValue('$.event', '=', name))),
  );
}
