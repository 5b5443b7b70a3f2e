import { Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { didYouMean } from '../service/did-you-mean.ts';
import { OptionError } from './lib/option-error.ts';
import { RULES } from './rules/hardened.ts';

/** Characters of a reason: fewer explain nothing to a reviewer. */
const MIN_REASON = 20;
/** Packs of cdk-nag, whose names begin the ids of their rules. */
const PACKS = ['AwsSolutions', 'NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security'];
/** Metadata of a construct with the id of each acknowledgement of a fork: the CDK acknowledges some of its own findings. */
export const OF_THE_FORK = 'hardened-mcp:acknowledged';
/** Namespace of the warnings that the CDK adds to a construct. */
const WARNINGS = 'Annotation::';

/**
 * Acknowledges a finding on a construct that `infra/extensions.ts` adds or changes: the synth no longer fails on it, and its
 * reason is in the validation report. An acknowledgement that matches no finding fails the synth, so that none outlives its
 * cause. It covers the construct and everything below it, but a whole stack only for findings of the stack itself.
 *
 * @example
 * acknowledge(queue, 'AwsSolutions::AwsSolutions-SQS3', 'A job that fails is logged and may be lost.');
 * acknowledge(parts.taskRole, 'AwsSolutions-IAM5[Resource::<ExtensionsFiles1A2B3C4D.Arn>/*]', 'Any file may be read.');
 *
 * @param ids one or more, each as the failing synth prints it after "Acknowledge with", with or without the part before `::`
 * @param reason at least 20 characters, for a reviewer
 * @throws OptionError if no rule can have this id, or the reason is too short
 */
export function acknowledge(construct: IConstruct, ids: string | readonly string[], reason: string): void {
  for (const id of [ids].flat()) acknowledgeOne(construct, qualifiedId(id), reason);
}

function acknowledgeOne(construct: IConstruct, qualified: string, reason: string): void {
  const { path } = construct.node;
  if (reason.trim().length < MIN_REASON) {
    throw new OptionError(
      `${path}: the reason to acknowledge ${qualified} must have at least ${MIN_REASON} characters, got ${JSON.stringify(reason)}`,
    );
  }
  if (qualified.startsWith(WARNINGS)) {
    // The CDK removes an acknowledged warning, so that no later check could find it.
    if (!hasWarning(construct, qualified)) {
      throw new OptionError(`${path}: there is no warning ${qualified} when it is acknowledged`);
    }
  } else {
    // The CDK writes a blank of an id as a hyphen.
    construct.node.addMetadata(OF_THE_FORK, qualified.replaceAll(' ', '-'));
  }
  Validations.of(construct).acknowledge({ id: qualified, reason });
}

/** The id with its namespace: `Hardened::NoShell` for `NoShell`. */
function qualifiedId(id: string): string {
  // Findings of cdk-nag have `::` in brackets too.
  if (/^[^[(]+::./.test(id)) return id;
  const pack = PACKS.find((name) => id.startsWith(`${name}-`));
  if (pack) return `${pack}::${id}`;
  const rules = Object.values(RULES).flatMap((topic) => topic.map((rule) => rule.id));
  if (rules.includes(id)) return `Hardened::${id}`;
  throw new OptionError(
    `${JSON.stringify(id)} is not the id of a rule${didYouMean(id, rules)}; take it from the failing synth, after "Acknowledge with"`,
  );
}

/** Whether the construct, or one below it, has a warning by now. Some of them are stored without the namespace. */
function hasWarning(construct: IConstruct, id: string): boolean {
  const marks = [id, id.slice(WARNINGS.length)].map((one) => `[ack: ${one}]`);
  return construct.node
    .findAll()
    .some(({ node }) => node.metadata.some(({ data }) => marks.some((mark) => String(data).includes(mark))));
}
