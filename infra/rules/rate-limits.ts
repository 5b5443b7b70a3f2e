import { isDeepStrictEqual } from 'node:util';
import { every, type Rule } from './rule.ts';
import { listOf, type Properties } from './synthesized-template.ts';

const ACL = 'AWS::WAFv2::WebACL';
const made = { file: 'infra/constructs/web-acl/rules.ts' };

function rateRules(rules: unknown): readonly Properties[] {
  return listOf(rules).filter(
    ({ Action, Statement }) => Action?.Block !== undefined && Statement?.RateBasedStatement !== undefined,
  );
}

/**
 * Whether a rate per address applies to every request, apart from requests with a bearer token of listed addresses, which
 * then have a rate per token of at most the same.
 */
function countsEveryAddress(rate: Properties, rates: readonly Properties[]): boolean {
  if (rate['AggregateKeyType'] !== 'IP') return false;
  const scope = rate['ScopeDownStatement'];
  if (scope === undefined) return true;
  const excepted = scope.NotStatement?.Statement;
  const [addresses, token, ...more] = listOf(excepted?.AndStatement?.Statements);
  const { FieldToMatch, PositionalConstraint, SearchString } = token?.['ByteMatchStatement'] ?? {};
  return (
    addresses?.['IPSetReferenceStatement'] !== undefined &&
    FieldToMatch?.SingleHeader?.Name?.toLowerCase() === 'authorization' &&
    PositionalConstraint === 'STARTS_WITH' &&
    SearchString === 'bearer ' &&
    more.length === 0 &&
    rates.some(
      ({ AggregateKeyType, CustomKeys, Limit, ScopeDownStatement }) =>
        AggregateKeyType === 'CUSTOM_KEYS' &&
        listOf(CustomKeys).every(({ Header }) => Header?.Name?.toLowerCase() === 'authorization') &&
        Limit <= rate['Limit'] &&
        isDeepStrictEqual(ScopeDownStatement, excepted),
    )
  );
}

export const rateLimitRules: readonly Rule[] = [
  {
    id: 'UnauthenticatedRateLimit',
    control:
      'Requests without a token have a stricter rate limit per address, and all requests together have a limit',
    fsbp: [],
    ...made,
    check: every(ACL, ({ Rules }) => {
      const rates = rateRules(Rules).map(({ Statement }) => Statement.RateBasedStatement);
      const whole = rates.find((rate) => countsEveryAddress(rate, rates));
      return [
        !rates.some(
          ({ AggregateKeyType, ScopeDownStatement, Limit }) =>
            AggregateKeyType === 'IP' && ScopeDownStatement !== undefined && Limit <= whole?.['Limit'],
        ) && 'Rules must block by a rate per IP without a token, below that per IP',
        !rates.some(({ AggregateKeyType }) => AggregateKeyType === 'CONSTANT') &&
          'Rules must block by a rate in all',
      ];
    }),
  },
  {
    id: 'RatePerAddress',
    control: 'Each address has a rate limit for all its requests, of at most 10000 in five minutes',
    fsbp: [],
    ...made,
    check: every(ACL, ({ Rules }) => {
      const rates = rateRules(Rules).map(({ Statement }) => Statement.RateBasedStatement);
      return [
        !rates.some(
          (rate) =>
            countsEveryAddress(rate, rates) &&
            (rate.Limit * 300) / (rate.EvaluationWindowSec ?? 300) <= 10_000,
        ) &&
          'Rules must block by a rate per IP of at most 10000, without a scope but for shared addresses that have a rate per token',
      ];
    }),
  },
  {
    id: 'RatePerTool',
    control: 'Each address has a rate limit for each tool it calls, keyed on Mcp-Name',
    fsbp: [],
    ...made,
    check: every(ACL, ({ Rules }) => [
      !rateRules(Rules).some((rule) => {
        const { AggregateKeyType, CustomKeys } = rule['Statement'].RateBasedStatement;
        const keys = listOf(CustomKeys);
        return (
          AggregateKeyType === 'CUSTOM_KEYS' &&
          keys.some(({ IP }) => IP !== undefined) &&
          keys.some(({ Header }) => Header?.Name?.toLowerCase() === 'mcp-name')
        );
      }) && 'Rules must block by a rate per IP and Mcp-Name',
    ]),
  },
];
