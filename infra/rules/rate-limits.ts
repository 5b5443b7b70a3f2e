import { every, type Rule } from './rule.ts';
import { listOf, type Properties } from './synthesized-template.ts';

const ACL = 'AWS::WAFv2::WebACL';
const made = { file: 'infra/constructs/web-acl/rules.ts' };

function rateRules(rules: unknown): readonly Properties[] {
  return listOf(rules).filter(
    ({ Action, Statement }) => Action?.Block !== undefined && Statement?.RateBasedStatement !== undefined,
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
      const whole = rates.find(
        ({ AggregateKeyType, ScopeDownStatement }) => AggregateKeyType === 'IP' && !ScopeDownStatement,
      );
      return [
        !rates.some(
          ({ AggregateKeyType, ScopeDownStatement, Limit }) =>
            AggregateKeyType === 'IP' && ScopeDownStatement !== undefined && Limit <= whole?.Limit,
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
    check: every(ACL, ({ Rules }) => [
      !rateRules(Rules).some((rule) => {
        const rate = rule['Statement'].RateBasedStatement;
        const { AggregateKeyType, Limit, EvaluationWindowSec = 300, ScopeDownStatement } = rate;
        const inFiveMinutes = (Limit * 300) / EvaluationWindowSec;
        return AggregateKeyType === 'IP' && ScopeDownStatement === undefined && inFiveMinutes <= 10_000;
      }) && 'Rules must block by a rate per IP, without a scope, of at most 10000',
    ]),
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
