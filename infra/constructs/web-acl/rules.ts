import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { COUNTED_BODY_LABELS, managedRules } from './managed-rules.ts';
import type { RateLimits } from './rate-limits.ts';
import { type AnswerKey, refuse } from './responses.ts';
import {
  all,
  any,
  hasQuery,
  headerIs,
  headerStartsWith,
  labelled,
  method,
  not,
  path,
  transform,
} from './statements.ts';

type Rule = Omit<CfnWebACL.RuleProperty, 'priority' | 'visibilityConfig'>;

export interface WebAclRulesProps {
  readonly domainName: string;
  /** Paths besides `/mcp` that are there to be read; none when tokens are handed out by people. */
  readonly metadataPaths: readonly string[];
  /** Whether clients may be web pages, which ask with OPTIONS first. */
  readonly browsers: boolean;
  readonly limits: RateLimits;
  /** Set of the addresses that are always blocked; absent when there are none. */
  readonly blockedIpSetArn?: string;
  /** The only countries let in; absent for all. */
  readonly allowedCountries?: readonly string[];
  /** `GROUP/RULE` of more managed rules that only count. */
  readonly countOnlyRules: readonly string[];
}

/**
 * The rules, in the order a request meets them. What is not served goes first, whatever it is. Rates stand last and
 * from the narrowest to the widest, so that they count only what would reach the service, and nothing that a narrow
 * one turns away fills a wide one. No rule allows: that would end the evaluation and lift every rule below it.
 */
export function webAclRules(props: WebAclRulesProps): Rule[] {
  const { domainName, metadataPaths, browsers, limits, blockedIpSetArn, allowedCountries } = props;
  const block = (name: string, statement: CfnWebACL.StatementProperty, answer: AnswerKey): Rule => ({
    name,
    statement,
    action: refuse(answer, browsers),
  });
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
  const toolCall = all(mcp, method('POST'));
  const token = headerStartsWith('authorization', 'bearer ', 'LOWERCASE');

  return [
    // Scanners connect by address. Nothing but the one name is served here.
    block(
      'UnknownHost',
      not(any(headerIs('host', domainName, 'LOWERCASE'), headerIs('host', `${domainName}:443`, 'LOWERCASE'))),
      'unknown-host',
    ),
    block('UnknownPath', not(path('/mcp', ...metadataPaths)), 'not-found'),
    // Clients before 2026-07-28 look for a stream with GET and end a session with DELETE. The service answers them, with
    // 401 where the token is wrong: at 405 from here several clients would show that instead of the wrong token.
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
    // The load balancer's log has the query by then; a token in it is refused so that nobody goes on sending it.
    block('QueryString', hasQuery(), 'query-not-allowed'),

    ...when(blockedIpSetArn, (arn) =>
      block('BlockedCidrs', { ipSetReferenceStatement: { arn } }, 'forbidden'),
    ),
    ...when(allowedCountries, (countryCodes) =>
      block('OtherCountries', not({ geoMatchStatement: { countryCodes: [...countryCodes] } }), 'forbidden'),
    ),
    ...managedRules(props.countOnlyRules, refuse('forbidden', browsers)),
    block('BodyRulesElsewhere', all(any(...COUNTED_BODY_LABELS.map(labelled)), not(toolCall)), 'forbidden'),

    // A request without the header escapes this rule (clients older than 2026-07-28 send none); the one per address
    // stands under it. That the header names the tool in the body is the service's check.
    limit('RateLimitPerIpAndTool', limits.perIpAndTool, {
      aggregateKeyType: 'CUSTOM_KEYS',
      customKeys: [{ ip: {} }, { header: { name: 'mcp-name', textTransformations: transform('NONE') } }],
      scopeDownStatement: headerIs('mcp-method', 'tools/call'),
    }),
    limit('RateLimitPerIpWithoutToken', limits.perIpWithoutToken, {
      aggregateKeyType: 'IP',
      scopeDownStatement: not(all(mcp, token)),
    }),
    limit('RateLimitPerIp', limits.perIp, { aggregateKeyType: 'IP' }),
    limit('RateLimitTotal', limits.total, {
      aggregateKeyType: 'CONSTANT',
      // WAF asks for one; everything that gets here is for the one host.
      scopeDownStatement: path('/mcp', ...metadataPaths),
    }),
  ];
}

function when<T>(given: T | false | undefined, rule: (given: T) => Rule): Rule[] {
  return given ? [rule(given)] : [];
}
