import { describe, expect, test } from '@jest/globals';
import {
  actionsWithoutEndpoint,
  hostsOfRights,
  resourcesElsewhere,
  rightsByEndpoint,
  throughServices,
  unknownActions,
} from '../../infra/constructs/network/action-services.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders';

describe('the hosts of AWS rights', () => {
  test.each([
    ['dynamodb:Query', TABLE, ['dynamodb', '*.ddb']],
    ['dynamodb:GetRecords', `${TABLE}/stream/x`, ['streams.dynamodb']],
    ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:jobs', ['sqs']],
    ['lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:123456789012:function:f', ['lambda']],
    ['bedrock:InvokeModel', 'arn:aws:bedrock:us-east-1::foundation-model/m', ['bedrock-runtime']],
    [
      'bedrock:InvokeModelWithResponseStream',
      'arn:aws:bedrock:us-east-1::foundation-model/m',
      ['bedrock-runtime'],
    ],
    [
      'bedrock:Retrieve',
      'arn:aws:bedrock:us-east-1:123456789012:knowledge-base/K',
      ['bedrock-agent-runtime'],
    ],
    ['bedrock:ListFoundationModels', '*', ['bedrock']],
    [
      'sagemaker:InvokeEndpoint',
      'arn:aws:sagemaker:us-east-1:123456789012:endpoint/e',
      ['runtime.sagemaker'],
    ],
    ['states:StartExecution', 'arn:aws:states:us-east-1:123456789012:stateMachine:s', ['states']],
    ['states:StartSyncExecution', 'arn:aws:states:us-east-1:123456789012:stateMachine:s', ['sync-states']],
    ['cloudwatch:GetMetricData', '*', ['monitoring']],
    [
      'kinesis:PutRecord',
      'arn:aws:kinesis:us-east-1:123456789012:stream/s',
      ['kinesis', '*.data-kinesis', '*.control-kinesis'],
    ],
    ['firehose:PutRecord', 'arn:aws:firehose:us-east-1:123456789012:deliverystream/d', ['firehose']],
    ['ses:SendEmail', 'arn:aws:ses:us-east-1:123456789012:identity/example.com', ['email']],
    ['execute-api:Invoke', 'arn:aws:execute-api:us-east-1:123456789012:abc/*', ['*.execute-api']],
    ['s3:GetObject', 'arn:aws:s3:::pages/*', ['pages.s3']],
    ['s3:GetObject', 'arn:aws:s3:::pages.example.com/*', ['s3', '*.s3']],
    ['s3:ListAllMyBuckets', '*', ['s3', '*.s3']],
    ['s3:GetObject', 'arn:aws:s3:us-east-1:123456789012:accesspoint/p/object/*', ['*.s3-accesspoint']],
  ])('%s on %s', (action, resource, hosts) => {
    expect(hostsOfRights([{ actions: [action], resources: [resource] }], 'us-east-1')).toEqual(
      hosts.map((host) => `${host}.us-east-1.amazonaws.com`),
    );
  });

  test('are in the region of the resource and in the domain of its partition', () => {
    const rights = (region: string, partition: string) => [
      { actions: ['sqs:SendMessage'], resources: [`arn:${partition}:sqs:${region}:123456789012:jobs`] },
    ];
    expect(hostsOfRights(rights('eu-west-1', 'aws'), 'us-east-1')).toEqual(['sqs.eu-west-1.amazonaws.com']);
    expect(hostsOfRights(rights('cn-north-1', 'aws-cn'), 'cn-north-1')).toEqual([
      'sqs.cn-north-1.amazonaws.com.cn',
    ]);
    expect(
      hostsOfRights([{ actions: ['s3:GetObject'], resources: ['arn:aws-cn:s3:::b/*'] }], 'cn-north-1'),
    ).toEqual(['b.s3.cn-north-1.amazonaws.com.cn']);
  });

  test('of an unknown service are none, and its actions are told', () => {
    const rights = [{ actions: ['geo:GetPlace', 'logs:StartLiveTail', 'sqs:SendMessage'], resources: ['*'] }];
    expect(unknownActions(rights)).toEqual(['geo:GetPlace', 'logs:StartLiveTail']);
    expect(hostsOfRights(rights, 'us-east-1')).toEqual(['sqs.us-east-1.amazonaws.com']);
  });
});

test('rights are divided by the endpoint of their service', () => {
  const rights = [
    {
      actions: ['dynamodb:Query', 's3:GetObject', 'dynamodb:GetItem'],
      resources: [TABLE, 'arn:aws:s3:::b/*'],
    },
    { actions: ['dynamodb:GetRecords'], resources: ['*'] },
  ];
  expect([...rightsByEndpoint(rights)]).toEqual([
    ['dynamodb', [{ actions: ['dynamodb:Query', 'dynamodb:GetItem'], resources: rights[0]?.resources }]],
    ['s3', [{ actions: ['s3:GetObject'], resources: rights[0]?.resources }]],
  ]);
  expect(actionsWithoutEndpoint(rights)).toEqual(['dynamodb:GetRecords']);
});

describe('the use of a key', () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/k';
  const bucket = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pages/*'] };

  test('is through the services that the tool calls besides, and needs neither name nor endpoint', () => {
    const rights = throughServices([
      bucket,
      { actions: ['kms:Decrypt', 'kms:DescribeKey'], resources: [key] },
    ]);
    expect(rights).toEqual([
      bucket,
      { actions: ['kms:DescribeKey'], resources: [key] },
      { actions: ['kms:Decrypt'], resources: [key], via: ['s3'] },
    ]);
    const [first, , last] = rights;
    expect(
      hostsOfRights(
        [first, last].flatMap((one) => one ?? []),
        'us-east-1',
      ),
    ).toEqual(['pages.s3.us-east-1.amazonaws.com']);
    expect([...rightsByEndpoint(rights).keys()]).toEqual(['s3', 'kms']);
  });

  test('is direct for a tool that calls KMS alone', () => {
    const rights = [{ actions: ['kms:Decrypt'], resources: [key] }];
    expect(throughServices(rights)).toEqual(rights);
  });
});

test('a model of another region is called in the stage’s own, a queue there', () => {
  const model = {
    actions: ['bedrock:InvokeModel'],
    resources: ['arn:aws:bedrock:us-west-2::foundation-model/m'],
  };
  const queue = { actions: ['sqs:SendMessage'], resources: ['arn:aws:sqs:us-west-2:123456789012:jobs'] };
  expect(resourcesElsewhere([model, queue], 'us-east-1')).toEqual(queue.resources);
  expect(hostsOfRights([model, queue], 'us-east-1')).toEqual([
    'bedrock-runtime.us-east-1.amazonaws.com',
    'sqs.us-west-2.amazonaws.com',
  ]);
});
