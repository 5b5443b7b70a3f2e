import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type IFilterPattern, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { REVISIONS } from '../../service/environment/bounds.ts';
import { countLines } from '../lib/count-lines.ts';

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
    this.denied = countLines(this, logGroup, 'DeniedCalls', outcome('denied'));
    this.rateLimited = countLines(this, logGroup, 'RateLimitedCalls', outcome('rate_limited'));
    this.failed = countLines(this, logGroup, 'FailedCalls', outcome('error', 'timeout'));
    this.secretRefreshFailed = countLines(
      this,
      logGroup,
      'SecretRefreshFailed',
      event('secret_refresh_failed', 'token_list_invalid', 'access_list_invalid'),
    );
    this.accessListChanged = countLines(this, logGroup, 'AccessListChanged', event('access_list_changed'));
    this.legacyCalls = countLines(this, logGroup, 'LegacyCalls', legacy());
    this.auditBackpressure = countLines(this, logGroup, 'AuditBackpressure', event('audit_backpressure'));
    if (props.oauth) {
      this.issuerKeysFailed = countLines(this, logGroup, 'IssuerKeysFailed', event('issuer_keys_failed'));
    }
    if (props.rateLimitStore) {
      this.limitStoreDown = countLines(
        this,
        logGroup,
        'LimitStoreDown',
        event('rate_limit_store_down', 'rate_limit_store_not_replaced'),
      );
    }
    if (props.server) {
      this.toolChanged = countLines(
        this,
        logGroup,
        'ToolChanged',
        event('tool_changed', 'resource_changed', 'prompt_changed'),
      );
      this.serverUnavailable = countLines(
        this,
        logGroup,
        'ServerUnavailable',
        errorCode('server_unavailable'),
      );
    }
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
