import { every, type Rule } from './rule.ts';

const made = { file: 'infra/lib/rotation-function.ts', test: 'test/infra/client-tokens.test.ts' };

export const functionRules: readonly Rule[] = [
  {
    id: 'FunctionsNotPublic',
    control: 'Only services of AWS call a function, for this account',
    fsbp: ['Lambda.1'],
    ...made,
    check: every(
      'AWS::Lambda::Permission',
      ({ Principal, SourceAccount, SourceArn }) => [
        !/^[a-z0-9.-]+\.amazonaws\.com$/.test(Principal ?? '') &&
          `Principal must be a service, got ${Principal}`,
        SourceAccount === undefined && SourceArn === undefined && 'SourceAccount or SourceArn must be set',
      ],
      { needed: false },
    ),
  },
  {
    id: 'FunctionsSupported',
    control: 'Every function runs on a runtime that AWS maintains',
    fsbp: ['Lambda.2'],
    ...made,
    check: every(
      'AWS::Lambda::Function',
      ({ Runtime }) => [
        !/^nodejs2[24]\.x$/.test(Runtime ?? '') && `Runtime must be nodejs22.x or nodejs24.x, got ${Runtime}`,
      ],
      { needed: false },
    ),
  },
];
