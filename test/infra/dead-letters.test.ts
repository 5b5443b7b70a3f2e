import { describe, expect, test } from '@jest/globals';
import { creationOrder } from './creation-order.ts';
import { stages } from './stages.ts';
import { all, resources, template } from './templates.ts';

const found = template(stages.prod);
const scheduled = Object.entries(resources(found, 'AWS::Lambda::Function')).filter(([id]) =>
  all(found, 'AWS::Events::Rule').some(({ Properties }) =>
    JSON.stringify(Properties.Targets ?? []).includes(id),
  ),
);

describe('an event that came to nothing', () => {
  test('of the rotation or of the check of the audit log goes to the topic of the alarms', () => {
    const topics = all(found, 'AWS::CloudWatch::Alarm').flatMap(({ Properties }) => Properties.AlarmActions);
    expect(scheduled).toHaveLength(2);
    for (const [, { Properties }] of scheduled)
      expect(topics).toContainEqual(Properties.DeadLetterConfig.TargetArn);
  });

  test('waits for capacity no longer than until the next one, and is not tried again', () => {
    const configs = all(found, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties);
    expect(configs.map(({ FunctionName }) => FunctionName.Ref).sort()).toEqual(
      scheduled.map(([id]) => id).sort(),
    );
    for (const config of configs)
      expect(config).toMatchObject({ MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 0 });
  });

  test('is sent by a function that exists only once its role may send it', () => {
    for (const [, { Properties, DependsOn }] of scheduled) {
      const role = Properties.Role['Fn::GetAtt'][0];
      const [policy] = Object.entries(resources(found, 'AWS::IAM::ManagedPolicy')).find(
        ([
          ,
          {
            Properties: { Roles },
          },
        ]) => Roles.some(({ Ref }: { Ref: string }) => Ref === role),
      ) ?? [''];
      expect(DependsOn).toContain(policy);
    }
  });
});

describe('capacity of the account', () => {
  const reserved = (of = found) =>
    Object.fromEntries(
      Object.entries(resources(of, 'AWS::Lambda::Function'))
        .map(([id, { Properties }]) => [id, Properties.ReservedConcurrentExecutions])
        .filter(([, number]) => number !== undefined),
    );

  test('is kept for a rotation of all clients at once, the reconcile and a person, and for one check', () => {
    expect(reserved()).toEqual({
      [scheduled.find(([id]) => id.startsWith('ClientTokens'))?.[0] ?? '']: 4,
      [scheduled.find(([id]) => id.startsWith('AuditCheck'))?.[0] ?? '']: 1,
    });
  });

  test('is not kept by default', () => {
    expect(reserved(template(stages.dev))).toEqual({});
  });

  test('is refused by an account that has none before there is a load balancer to leave behind', () => {
    const [balancer = ''] = Object.keys(resources(found, 'AWS::ElasticLoadBalancingV2::LoadBalancer'));
    const before = creationOrder(found.toJSON()['Resources']).get(balancer) ?? new Set();
    expect([...before]).toEqual(expect.arrayContaining(Object.keys(reserved())));
  });
});
