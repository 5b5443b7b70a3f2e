import { every, must, type Rule } from './rule.ts';
import { isEverybody, listOf, type Properties } from './synthesized-template.ts';

const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets.ts', test: 'test/infra/secrets.test.ts' };

/** Whether a statement refuses grants to whoever is no service and does not ask through one. */
function refusesGrants(statement: Properties): boolean {
  const conditions = statement['Condition'] ?? {};
  return (
    statement['Effect'] === 'Deny' &&
    isEverybody(statement) &&
    listOf(statement['Action']).map(String).includes('kms:CreateGrant') &&
    Object.keys(conditions).join() === 'BoolIfExists' &&
    Object.entries(conditions.BoolIfExists).every(
      ([key, value]) =>
        /^(?:kms:GrantIsForAWSResource|aws:PrincipalIsAWSService)$/.test(key) && value === 'false',
    )
  );
}

export const keyRules: readonly Rule[] = [
  {
    id: 'KeysRotate',
    control: 'Every key rotates each year',
    fsbp: ['KMS.4'],
    ...made,
    check: every(KEY, ({ EnableKeyRotation, Enabled }) => [
      must('EnableKeyRotation', EnableKeyRotation, true),
      String(Enabled) === 'false' && 'Enabled must not be false',
    ]),
  },
  {
    id: 'KeysNotPublic',
    control: 'No key policy lets everybody use the key, or a service without naming this account',
    fsbp: ['KMS.5'],
    ...made,
    check: every(KEY, ({ KeyPolicy }) =>
      listOf(KeyPolicy?.Statement).flatMap((statement) => {
        if (statement['Effect'] !== 'Allow') return [];
        const { StringEquals, ArnEquals, ArnLike } = statement['Condition'] ?? {};
        const condition = JSON.stringify({ StringEquals, ArnEquals, ArnLike });
        return [
          isEverybody(statement) && 'KeyPolicy must name its principals',
          statement['Principal']?.Service !== undefined &&
            !condition.includes('AWS::AccountId') &&
            'KeyPolicy must bind a service to this account by a condition',
        ];
      }),
    ),
  },
  {
    id: 'KeysNotGranted',
    control: 'No person or program hands a key on by a grant, which no policy shows; services of AWS do',
    fsbp: [],
    file: 'infra/lib/close-grants.ts',
    test: 'test/infra/keys.test.ts',
    check: every(KEY, ({ KeyPolicy }) => [
      !listOf(KeyPolicy?.Statement).some(refusesGrants) &&
        'KeyPolicy must deny kms:CreateGrant but to services of AWS',
    ]),
  },
];
