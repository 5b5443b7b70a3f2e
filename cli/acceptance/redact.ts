import { redactText } from '../../service/logging/redact-text.ts';
import type { StageNames } from './check.ts';
import type { DeployedStack } from './deployed-stack.ts';

/** Files of this repository that a fix names, and Node.js. They look like host names. */
const NO_HOSTS = /^(?:RUNBOOK|SECURITY|README|deploy|tokens)\.md$|^config\.ts$|^Node\.js$/;
const REGION = '[a-z]{2}(?:-[a-z]+){1,2}-\\d';
const SUFFIX = '(?:amazonaws\\.com(?:\\.cn)?|api\\.aws)';
/**
 * AWS host names that name no customer, so that a blocked name can be reported: an API or a service principal, and the
 * bucket in which ECR keeps layers (ECR User Guide, "Interface VPC endpoints"). A customer's name has a label before
 * that of the service, such as `bucket.s3.REGION`.
 */
const AWS_HOST = [
  `(?:(?:api|dkr)\\.ecr|streams\\.dynamodb|[a-z][a-z0-9-]*)(?:\\.${REGION})?\\.${SUFFIX}`,
  `(?:delivery\\.logs|ecs\\.application-autoscaling)\\.${SUFFIX}`,
  `prod-${REGION}-starport-layer-bucket\\.s3(?:\\.${REGION})?\\.${SUFFIX}`,
].join('|');
const IS_AWS_HOST = new RegExp(`^(?:${AWS_HOST})$`);
/** Such a name as a word, which is part of no URL, image or address; an account id before it is not kept. */
const AWS_HOSTS = new RegExp(
  `(?<=(?:^|[\\s"'\`,;])(?:\\d{12}\\.)?)((?:${AWS_HOST})\\.?)(?=$|[\\s"'\`,;)]|:\\s)`,
  'gm',
);
/** They look like credentials to `redactText`, and are none: a digest, a resource type, and the name of an error. */
const NO_CREDENTIALS = [
  'sha256:[0-9a-f]{64}',
  '\\bAWS(?:::\\w+){2}',
  '\\b[A-Z][A-Za-z]*(?:Error|Exception):',
];

type Form = readonly [form: RegExp, replacement: string | ((found: string) => string)];

/** Names that contain other names. */
const COMPOUNDS: readonly Form[] = [
  [/\barn:[\w-]+:[\w-]+:[^\s"'`,;)\]}>]*/g, '<ARN>'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`,;)\]}>]+/gi, '<URL>'],
  [/\b\d{12}\.dkr\.ecr\.[\w.-]+\/[\w./-]+/g, '<image>'],
];

/** An earlier form may contain a later one. */
const FORMS: readonly Form[] = [
  [/[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g, '<e-mail>'],
  [/\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}\b/g, '<IAM id>'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  // Such as vpc-0abc…, eni-0abc… and rslvr-rr-0abc….
  [/\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}\b/g, '<id>'],
  [/\b1-[0-9a-f]{8}-[0-9a-f]{24}\b/g, '<id>'],
  [/(\brequest[- ]?id:?\s*)[\w+/=-]+/gi, '$1<id>'],
  [/\b\d{12}\b/g, '<account>'],
  [/\bZ[A-Z0-9]{8,31}\b/g, '<hosted zone>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?\b/g, '<address>'],
  [
    /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3})?(?:\/\d{1,3})?(?![\w:])/gi,
    ipv6,
  ],
  [/\b(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\.?/gi, host],
];

function ipv6(found: string): string {
  return found.includes('::') || found.split(':').length > 4 ? '<address>' : found;
}

function host(found: string): string {
  const name = found.toLowerCase().replace(/\.$/, '');
  return NO_HOSTS.test(found) || IS_AWS_HOST.test(name) ? found : '<host>';
}

/**
 * Makes a text public: replaces what names an account, an organisation, a person or a machine. Two ways, because neither
 * knows everything: the names that the stage and its stack have, and the forms of such names.
 *
 * Kept: regions, kinds of resources, logical ids of the kit, AWS's own host names, digests of images, numbers.
 */
export function createRedactor(stage: StageNames, stack?: DeployedStack): (text: string) => string {
  const resources = stack?.resources ?? [];
  const names = namesOf(stage);
  const own = [...names.keys()].map(squeezed).filter((name) => name.length > 2);
  for (const { logicalId, physicalId, type } of resources) {
    // Some logical ids are made of an e-mail address or of a client's id.
    const telling =
      logicalId.startsWith('ClientTokensClients') || own.some((name) => squeezed(logicalId).includes(name));
    const label = telling ? `<${type}>` : `<${logicalId}>`;
    if (telling) names.set(logicalId, label);
    if (physicalId !== '') names.set(physicalId, label);
  }
  for (const value of Object.values(stack?.outputs ?? {})) if (value !== '') names.set(value, '<name>');
  const known = [...names].sort(([a], [b]) => b.length - a.length);
  const forms = ([name, label]: readonly [string, string]): Form => [whole(name), () => label];
  const steps = [
    ...known.filter(([name]) => name.startsWith('arn:')).map(forms),
    ...COMPOUNDS,
    ...known.map(forms),
    ...FORMS,
  ];
  const spared = [...resources.map(({ logicalId }) => escaped(logicalId)), ...NO_CREDENTIALS];
  const spares = new RegExp(`(${spared.join('|')})`);
  const credentials = (text: string) =>
    except(spares, text, (part) => part.split('\n').map(redactText).join('\n'));
  const withoutNames = (text: string) =>
    steps.reduce(
      // Both kinds of replacement are allowed, but only one by one.
      (safe, [form, to]) => (typeof to === 'string' ? safe.replace(form, to) : safe.replace(form, to)),
      text,
    );
  return (text) => except(AWS_HOSTS, credentials(text), withoutNames);
}

/** Changes what does not match, where the one group of `kept` is the match. */
function except(kept: RegExp, text: string, change: (part: string) => string): string {
  return text
    .split(kept)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}

/** Names of the stage, each with what takes its place. */
function namesOf({ config, name, stackName }: StageNames): Map<string, string> {
  const clients = config.secrets?.clients ?? [];
  return new Map([
    ...namesIn(config).map((one) => [one, '<name>'] as const),
    ...clients.map(({ clientId }) => [clientId, '<client>'] as const),
    [stackName, '<stack>'],
    [name, '<stage>'],
  ]);
}

/** Every text in the configuration that may name something of the user's: one with a mark of hosts, addresses and ARNs. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return /[.@:/]/.test(value) ? [value.replace(/^\*\./, '')] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'id' && typeof one === 'string' ? [one] : namesIn(one),
  );
}

/** The name as a word of its own, in any case; if it is a domain, with the names below it. */
function whole(name: string): RegExp {
  const below = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name) ? '(?:[\\w-]+\\.)*' : '';
  return new RegExp(`(?<![A-Za-z0-9])${below}${escaped(name)}(?![A-Za-z0-9])`, 'gi');
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function squeezed(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
