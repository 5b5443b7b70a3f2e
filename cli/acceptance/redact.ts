import { redactText } from '../../service/logging/redact-text.ts';
import type { StageNames } from './check.ts';
import type { DeployedStack } from './stack.ts';

/** Files of this repository that a fix names. They look like host names. */
const FILES = /^(?:RUNBOOK|SECURITY|README)\.md$|^(?:deploy|tokens)\.md$|^config\.ts$/;
/** Labels of AWS's own API names, which name no customer. With them a blocked name can be reported. */
const AWS_API =
  /^(?:api\.ecr|dkr\.ecr|ecr|ecs|ecs-a|ecs-t|events|guardduty-data|kms|lambda|logs|monitoring|s3|secretsmanager|sns|ssm|ssmmessages|ec2messages|sts|xray)\.[a-z]{2}(?:-[a-z]+){1,2}-\d\.amazonaws\.com(?:\.cn)?$/;

/** Kinds of names by form, each with what takes their place. An earlier form may contain a later one. */
const FORMS: readonly (readonly [form: RegExp, replacement: string | ((found: string) => string)])[] = [
  [/\barn:[\w-]+:[\w-]+:[^\s"'`,;)\]}>]*/g, '<ARN>'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`,;)\]}>]+/gi, '<URL>'],
  [/[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g, '<e-mail>'],
  // Of an image, before its account.
  [/\b\d{12}\.dkr\.ecr\.[\w.-]+\/[\w./-]+/g, '<image>'],
  [/\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}\b/g, '<IAM id>'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  // Such as vpc-0abc…, eni-0abc… and rslvr-rr-0abc….
  [/\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}\b/g, '<id>'],
  [/\b1-[0-9a-f]{8}-[0-9a-f]{24}\b/g, '<id>'],
  // Request ids, in front of anything that they would be taken for.
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
  return FILES.test(found) || AWS_API.test(name) ? found : '<host>';
}

/**
 * Makes a text public: replaces what names an account, an organisation, a person or a machine. Two ways, because neither
 * knows everything: the names that the stage and its stack have, and the forms of such names.
 *
 * Kept: regions, kinds of resources, logical ids of the kit, AWS's own host names, digests of images, numbers.
 */
export function createRedactor(stage: StageNames, stack?: DeployedStack): (text: string) => string {
  const names = new Map<string, string>();
  for (const name of namesIn(stage.config)) names.set(name, '<name>');
  for (const { clientId } of stage.config.secrets?.clients ?? []) names.set(clientId, '<client>');
  names.set(stage.stackName, '<stack>').set(stage.name, '<stage>');
  const own = [...names.keys()].map(squeezed).filter((name) => name.length > 2);
  for (const { logicalId, physicalId, type } of stack?.resources ?? []) {
    // Some logical ids are made of an e-mail address or of a client's id.
    const telling =
      logicalId.startsWith('ClientTokensClients') || own.some((name) => squeezed(logicalId).includes(name));
    const label = telling ? `<${type}>` : `<${logicalId}>`;
    if (telling) names.set(logicalId, label);
    if (physicalId !== '') names.set(physicalId, label);
  }
  for (const value of Object.values(stack?.outputs ?? {})) if (value !== '') names.set(value, '<name>');
  const known = [...names]
    .sort(([a], [b]) => b.length - a.length)
    .map(([name, label]) => [whole(name), label] as const);

  return (text) => {
    let safe = text.split('\n').map(redactText).join('\n');
    for (const [name, label] of known) safe = safe.replace(name, () => label);
    for (const [form, replacement] of FORMS) {
      safe =
        typeof replacement === 'string' ? safe.replace(form, replacement) : safe.replace(form, replacement);
    }
    return safe;
  };
}

/** Every text in the configuration that may name something of the user's: one with a mark of hosts, addresses and ARNs. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return /[.@:/]/.test(value) ? [value.replace(/^\*\./, '')] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'id' && typeof one === 'string' ? [one] : namesIn(one),
  );
}

/** The name as a word of its own, in any case. */
function whole(name: string): RegExp {
  const escaped = name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'gi');
}

function squeezed(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
