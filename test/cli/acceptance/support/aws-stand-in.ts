import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SecretsManagerError } from '../../../service/support/secret-versions.ts';
import { type Account, AwsError, CLIENT_ROLE } from './account.ts';

// biome-ignore lint/suspicious/noExplicitAny: AWS has as many types as operations
type Json = any;
type Operation = (account: Account, input: Json, accessKeyId: string) => Json;

export interface AwsStandIn {
  readonly url: string;
  /** The account; a test puts another in its place. */
  account: Account;
  /** IAM actions that the requests so far needed, such as `ecs:ListTasks`. */
  readonly actions: Set<string>;
  close(): Promise<void>;
}

/** Access key of the credentials that the client's role gives. */
const CLIENT_KEY = 'ASIACLIENT';

/** Operations by the IAM action that allows them. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'cloudformation:DescribeStacks': ({ stack }, { StackName }) => {
    const StackId = `arn:aws:cloudformation:us-east-1:210987654321:stack/${StackName}/0`;
    const Outputs = Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    }));
    return { Stacks: [{ StackId, StackName, StackStatus: stack.StackStatus, Outputs }] };
  },
  'cloudformation:DescribeStackEvents': ({ stack }) => ({ StackEvents: stack.events }),
  'cloudformation:ListStackResources': ({ stack }) => ({ StackResourceSummaries: stack.resources }),
  'cloudformation:DetectStackDrift': () => ({ StackDriftDetectionId: 'detection' }),
  'cloudformation:DescribeStackDriftDetectionStatus': ({ drift }) => {
    drift.polls -= 1;
    return drift.polls < 0 ? drift.status : { DetectionStatus: 'DETECTION_IN_PROGRESS' };
  },
  'cloudformation:DescribeStackResourceDrifts': ({ drift }) => ({ StackResourceDrifts: drift.resources }),
  'sts:AssumeRole': ({ trusted }, { RoleArn }) => {
    if (!trusted || RoleArn !== CLIENT_ROLE) throw new AwsError('AccessDenied');
    const key = { AccessKeyId: CLIENT_KEY, SecretAccessKey: 'testing', SessionToken: 'session' };
    return { Credentials: { ...key, Expiration: '2999-01-01T00:00:00Z' } };
  },
  'ecs:DescribeServices': ({ service }) => ({ services: [service] }),
  'ecs:DescribeTaskDefinition': ({ containers }) => ({
    taskDefinition: { containerDefinitions: containers },
  }),
  'ecs:ListTasks': ({ tasks }) => ({ taskArns: tasks.map(({ taskArn }) => taskArn) }),
  'ecs:DescribeTasks': ({ tasks }, input) => ({
    tasks: tasks.filter(({ taskArn }) => input.tasks.includes(taskArn)),
  }),
  'ecr:BatchGetImage': ({ images }) => ({ images }),
  'cloudwatch:DescribeAlarms': ({ alarms }, { AlarmNames }) => ({
    MetricAlarms: alarms.filter(({ AlarmName }) => AlarmNames.includes(AlarmName)),
  }),
  'cloudwatch:SetAlarmState': setAlarmState,
  'cloudwatch:DescribeAlarmHistory': ({ history }, { AlarmName, StartDate }) => ({
    AlarmHistoryItems: history.filter((one) => one.AlarmName === AlarmName && one.Timestamp >= StartDate),
  }),
  'cloudwatch:GetMetricStatistics': ({ healthyHosts }, { Statistics: [statistic], EndTime }) => ({
    // In no order, as in AWS.
    Datapoints: healthyHosts.map((value, index) => ({
      Timestamp: EndTime - 60 * (healthyHosts.length - index),
      [statistic]: value,
    })),
  }),
  'logs:FilterLogEvents': ({ queries }, { startTime }) => ({
    events: queries.map((query) => ({
      message: JSON.stringify(query),
      timestamp: startTime + 25 * 3_600_000,
    })),
  }),
  'secretsmanager:GetSecretValue': ({ secrets }, input, accessKeyId) => {
    if (accessKeyId !== CLIENT_KEY) throw new AwsError('AccessDeniedException');
    return secrets.getSecretValue(input);
  },
  'secretsmanager:RotateSecret': (account, { SecretId }) => {
    const VersionId = account.secrets.rotate(SecretId);
    account.rotating.set(SecretId, VersionId);
    return { ARN: SecretId, VersionId };
  },
  'secretsmanager:DescribeSecret': (account, input) => {
    const described = account.secrets.describeSecret(input);
    const version = account.rotating.get(input.SecretId);
    account.rotating.delete(input.SecretId);
    if (version !== undefined) account.rotate(input.SecretId, version);
    return described;
  },
};

/** Only a change of the state has actions, each of which the history shows. */
function setAlarmState({ alarms, history, refused }: Account, { AlarmName, StateValue }: Json): object {
  const alarm = alarms.find((one) => one.AlarmName === AlarmName);
  if (alarm === undefined) throw new AwsError('ResourceNotFound', 'Unknown');
  if (alarm.StateValue === StateValue) return {};
  alarm.StateValue = StateValue;
  const actions =
    { ALARM: alarm.AlarmActions, OK: alarm['OKActions'] as string[] }[StateValue as string] ?? [];
  for (const action of actions) {
    const error = refused.get(action);
    const HistorySummary =
      error === undefined
        ? `Successfully executed action ${action}`
        : `Failed to execute action ${action}. Received error: "${error}"`;
    history.push({ AlarmName, HistorySummary, Timestamp: Date.now() / 1000 });
  }
  return {};
}

/** Prefixes of `x-amz-target` by the service's name in IAM. */
const TARGETS: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  GraniteServiceVersion20100801: 'cloudwatch',
  Logs_20140328: 'logs',
  secretsmanager: 'secretsmanager',
};

/** Speaks the protocols of AWS on loopback: JSON, the query protocol with XML, and the REST of Lambda. */
export async function startAws(account: Account): Promise<AwsStandIn> {
  const actions = new Set<string>();

  function answer(action: string, input: Json, request: IncomingMessage): Json {
    actions.add(action);
    const error = standIn.account.errors.get(action);
    if (error !== undefined) throw error;
    const operation = OPERATIONS[action];
    if (operation === undefined) throw new AwsError('UnknownOperationException', action);
    const [, accessKeyId = ''] = /Credential=([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    return operation(standIn.account, input, accessKeyId);
  }

  function query(request: IncomingMessage, response: ServerResponse, body: string): void {
    const form = Object.fromEntries(new URLSearchParams(body));
    const { Action = '', Version } = form;
    const service = Version === '2011-06-15' ? 'sts' : 'cloudformation';
    try {
      const result = answer(`${service}:${Action}`, form, request);
      response.end(
        `<${Action}Response><${Action}Result>${xml(result)}</${Action}Result></${Action}Response>`,
      );
    } catch (error) {
      const { code, message } = error as AwsError;
      response.statusCode = 400;
      response.end(
        `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    }
  }

  function json(request: IncomingMessage, response: ServerResponse, body: string): void {
    const [prefix = '', operation] = String(request.headers['x-amz-target']).split('.');
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      response.end(JSON.stringify(answer(`${TARGETS[prefix]}:${operation}`, JSON.parse(body), request)));
    } catch (error) {
      if (!(error instanceof AwsError || error instanceof SecretsManagerError)) throw error;
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: error.code, message: error.message }));
    }
  }

  /** Whatever a function returns is not looked at, only its log and whether it failed. */
  function invoke(response: ServerResponse): void {
    actions.add('lambda:InvokeFunction');
    const { functionError, lines } = standIn.account.audit;
    const log = ['START RequestId: 1', ...lines.map((line) => JSON.stringify(line)), 'END RequestId: 1'].join(
      '\n',
    );
    response.setHeader('x-amz-log-result', Buffer.from(log).toString('base64'));
    if (functionError !== undefined) response.setHeader('x-amz-function-error', functionError);
    response.end('null');
  }

  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url?.endsWith('/invocations')) invoke(response);
    else if (request.headers['x-amz-target'] === undefined) query(request, response, body);
    else json(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: AwsStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account,
    actions,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return standIn;
}

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${xml(one)}</member>`).join('');
  if (typeof value !== 'object' || value === null) {
    return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  }
  return Object.entries(value)
    .map(([name, one]) => `<${name}>${xml(one)}</${name}>`)
    .join('');
}
