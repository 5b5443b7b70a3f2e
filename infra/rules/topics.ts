import { every, type Rule } from './rule.ts';
import { denies, isForThisAccount, policiesOf, WITHOUT_TLS } from './statements.ts';

const TOPIC = 'AWS::SNS::Topic';
/** Types of topic policies, and the property that names the topic. The policy that is deployed last replaces others. */
const POLICIES = { 'AWS::SNS::TopicPolicy': 'Topics', 'AWS::SNS::TopicInlinePolicy': 'TopicArn' };
const made = { file: 'infra/constructs/monitoring/alarm-topics.ts' };

export const topicRules: readonly Rule[] = [
  {
    id: 'TopicsEncrypted',
    control: 'Every topic is encrypted with a key of the stack',
    fsbp: ['SNS.1'],
    ...made,
    check: every(TOPIC, ({ KmsMasterKeyId }, template) => [
      !template.names(KmsMasterKeyId, 'AWS::KMS::Key') && 'KmsMasterKeyId must be a key of this template',
    ]),
  },
  {
    id: 'TopicsTlsOnly',
    control: 'Every topic refuses requests without TLS, and only this account can publish',
    fsbp: ['SNS.4'],
    ...made,
    check: every(TOPIC, (_topic, template, logicalId) => {
      const policies = policiesOf(template, POLICIES, logicalId);
      const open = policies
        .flat()
        .filter((statement) => statement['Effect'] === 'Allow' && !isForThisAccount(statement, template));
      return [
        !(
          policies.length > 0 &&
          policies.every((policy) => denies(policy, 'sns:Publish', [`<${logicalId}>`], WITHOUT_TLS))
        ) && 'its policy must deny requests without TLS',
        open.length > 0 && 'its policy must bind publishers to this account',
      ];
    }),
  },
  {
    id: 'SubscriptionsEncrypted',
    control: 'No topic delivers alarms over plain HTTP',
    fsbp: [],
    file: 'infra/rules/topics.ts',
    check: every(
      'AWS::SNS::Subscription',
      ({ Protocol }) => [Protocol === 'http' && 'Protocol must be https, not http'],
      { needed: false },
    ),
  },
];
