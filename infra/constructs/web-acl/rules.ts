import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { REVISIONS } from '../../../service/environment/bounds.ts';
import { COUNTED_BODY_LABELS, managedRules } from './managed-rules.ts';
import type { RateLimits } from './rate-limits.ts';
import { type ResponseKey, refuse } from './responses.ts';
import {
  all,
  any,
  country,
  hasQuery,
  headerIs,
  headerStartsWith,
  inIpSet,
  labelled,
  method,
  not,
  path,
  transform,
} from './statements.ts';

type Block = (name: string, statement: CfnWebACL.StatementProperty, response: ResponseKey) => Rule;

type Rule = Omit<CfnWebACL.RuleProperty, 'priority' | 'visibilityConfig'>;

export interface WebAclRulesProps {
  readonly domainName: string;
  /** Paths besides `/mcp` for GET requests; none when the operator issues tokens. */
  readonly metadataPaths: readonly string[];
  /** Whether clients may be web pages, which send OPTIONS first. */
  readonly browsers: boolean;
  /** The oldest MCP revision that clients may use; absent for every one. */
  readonly minimumProtocolVersion: string | undefined;
  readonly limits: RateLimits;
  /** ARN of the IP set that is always blocked; absent when empty. */
  readonly blockedIpSetArn: string | undefined;
  /** ARN of the IP set of addresses that many people share; absent when empty. */
  readonly sharedIpSetArn: string | undefined;
  /** The only allowed countries; absent for all. */
  readonly allowedCountries?: readonly string[];
  /** `GROUP/RULE` of further managed rules that only count. */
  readonly countOnlyRules: readonly string[];
}

/**
 * The rules, in the order in which WAF evaluates them. Requests that are not served are blocked first. Rate limits come
 * last, from the narrowest to the widest, so that they count only requests that would reach the service, and requests
 * over a narrow limit do not count for a wide one. No rule allows: that would end the evaluation and skip every later
 * rule.
 */
export function webAclRules(props: WebAclRulesProps): Rule[] {
  const { domainName, metadataPaths, browsers, blockedIpSetArn, allowedCountries } = props;
  const { minimumProtocolVersion = '' } = props;
  const refusedVersions = REVISIONS.filter((version) => version < minimumProtocolVersion);
  const block: Block = (name, statement, response) => ({
    name,
    statement,
    action: refuse(response, browsers),
  });
  const mcp = path('/mcp');
  const toolCall = all(mcp, method('POST'));
  return [
    // Scanners connect by address. Only the domain name is served.
    block(
      'UnknownHost',
      not(any(headerIs('host', domainName, 'LOWERCASE'), headerIs('host', `${domainName}:443`, 'LOWERCASE'))),
      'unknown-host',
    ),
    block('UnknownPath', not(path('/mcp', ...metadataPaths)), 'not-found'),
    // Clients before 2026-07-28 open a stream with GET and end a session with DELETE. The service responds to them,
    // with 401 if the token is wrong: several clients would show a 405 from here instead of the wrong token.
    block(
      'McpMethod',
      all(mcp, not(method('POST', 'GET', 'HEAD', 'DELETE', ...(browsers ? ['OPTIONS'] : [])))),
      'method-not-allowed',
    ),
    ...when(metadataPaths.length > 0, () =>
      block(
        'MetadataMethod',
        all(not(mcp), not(browsers ? method('GET', 'HEAD', 'OPTIONS') : method('GET', 'HEAD'))),
        'metadata-method-not-allowed',
      ),
    ),
    // Only revisions that are known to be older: to a newer one the service responds with those it supports, and a
    // handshake has no header, so the service judges it.
    ...when(refusedVersions.length > 0, () =>
      block(
        'OldProtocolVersion',
        all(toolCall, any(...refusedVersions.map((version) => headerIs('mcp-protocol-version', version)))),
        'old-protocol-version',
      ),
    ),
    // The load balancer's log already contains the query. A token in it is refused, so that clients stop sending it
    // there.
    block('QueryString', hasQuery(), 'query-not-allowed'),

    ...when(blockedIpSetArn, (arn) => block('BlockedCidrs', inIpSet(arn), 'forbidden')),
    ...when(allowedCountries, (countryCodes) =>
      block('OtherCountries', not(country(countryCodes)), 'forbidden'),
    ),
    ...managedRules(props.countOnlyRules, refuse('forbidden', browsers)),
    block('BodyRulesElsewhere', all(any(...COUNTED_BODY_LABELS.map(labelled)), not(toolCall)), 'forbidden'),

    ...rateRules(props, block),
  ];
}

/** Rate limits, from the narrowest to the widest. */
function rateRules({ metadataPaths, limits, sharedIpSetArn }: WebAclRulesProps, block: Block): Rule[] {
  const limit = (
    name: string,
    requests: number,
    rate: Omit<CfnWebACL.RateBasedStatementProperty, 'limit'>,
  ): Rule =>
    block(
      name,
      { rateBasedStatement: { limit: requests, evaluationWindowSec: 300, ...rate } },
      'rate-limited',
    );
  const mcp = path('/mcp');
  const token = headerStartsWith('authorization', 'bearer ', 'LOWERCASE');
  const counted = headerIs('mcp-method', 'tools/call');
  const shared = sharedIpSetArn === undefined ? undefined : all(inIpSet(sharedIpSetArn), token);

  return [
    // A request without the header (clients older than 2026-07-28) is not limited by this rule, but by the one per
    // address. The service checks that the header names the body's tool.
    limit('RateLimitPerIpAndTool', limits.perIpAndTool, {
      aggregateKeyType: 'CUSTOM_KEYS',
      customKeys: [{ ip: {} }, { header: { name: 'mcp-name', textTransformations: transform('NONE') } }],
      scopeDownStatement: shared ? all(counted, not(shared)) : counted,
    }),
    limit('RateLimitPerIpWithoutToken', limits.perIpWithoutToken, {
      aggregateKeyType: 'IP',
      scopeDownStatement: not(all(mcp, token)),
    }),
    // WAF takes the whole header as the key, so a token that is not valid has a count of its own: the service limits
    // those per address (task.authFailureLimitPerMinute).
    ...when(shared, (scopeDownStatement) =>
      limit('RateLimitPerToken', limits.perIp, {
        aggregateKeyType: 'CUSTOM_KEYS',
        customKeys: [{ header: { name: 'authorization', textTransformations: transform('NONE') } }],
        scopeDownStatement,
      }),
    ),
    limit('RateLimitPerIp', limits.perIp, {
      aggregateKeyType: 'IP',
      ...(shared ? { scopeDownStatement: not(shared) } : {}),
    }),
    limit('RateLimitTotal', limits.total, {
      aggregateKeyType: 'CONSTANT',
      // WAF requires one; every request that gets here is for the one host.
      scopeDownStatement: path('/mcp', ...metadataPaths),
    }),
  ];
}

function when<T>(given: T | false | undefined, rule: (given: T) => Rule): Rule[] {
  return given ? [rule(given)] : [];
}
