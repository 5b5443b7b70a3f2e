import * as z from 'zod';
import { BOUNDS } from '../../service/environment/bounds.ts';
import { kmsKeyArn, secretArn, wholeNumber } from './option-types.ts';

const SECRET_RULE = "'create', the complete ARN of a secret with its suffix, or { arn, kmsKeyArn }";

/** A text whose value is repeated only if it is an ARN: a secret may have been pasted in place of its name. */
function named(isValid: (value: string) => boolean, rule: string) {
  return z.string().check(({ value, issues }) => {
    if (isValid(value)) return;
    const got = value.startsWith('arn:') ? JSON.stringify(value) : '(value hidden)';
    issues.push({ code: 'custom', input: value, continue: true, message: `must be ${rule}, got ${got}` });
  });
}

const isSecretArn = (value: string) => secretArn().safeParse(value).success;

/** A secret of a tool: created empty by the stack, or one that exists. */
const secretSource = z.union(
  [
    named((value) => value === 'create' || isSecretArn(value), SECRET_RULE),
    z.strictObject({
      arn: named(isSecretArn, 'the complete ARN of a secret with its suffix').describe(
        'Complete ARN of the secret, in the region of the stage.',
      ),
      kmsKeyArn: kmsKeyArn().describe('ARN of the key that encrypts the secret.'),
    }),
  ],
  { error: SECRET_RULE },
);

export type SecretSource = z.output<typeof secretSource>;

/** The values of one tool. Its own statement (`needs`) decides which settings and secrets it has. */
const toolOptions = z.strictObject({
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'Settings of the tool, by name. `npm run options` lists those of your tools in docs/tool-list.md.',
    )
    .meta({ rule: "the tool's own rules" }),
  secrets: z
    .record(z.string(), secretSource)
    .default({})
    .describe(
      'Secrets of the tool, by name. `create`: the stack creates an empty secret, calls fail with `secret_unavailable` until you ' +
        'store its value, and an output names it. An ARN: a secret that exists, encrypted with the `aws/secretsmanager` key of the account. ' +
        "`{ arn, kmsKeyArn }`: one that is encrypted with that key. If another account owns it, its policy and its key's must " +
        "let the task's role read it.",
    )
    .meta({
      rule: SECRET_RULE,
      update:
        'a secret that the stack had created stays outside of the stack, or is deleted if `secrets.retain` is `false`',
    }),
  deadlineMs: wholeNumber(BOUNDS.scrapeTimeoutMs.min, BOUNDS.scrapeTimeoutMs.max)
    .optional()
    .meta({ description: 'Maximum duration of one call in milliseconds.', absent: "the tool's own" }),
  limitPerMinute: wholeNumber(BOUNDS.toolLimitPerMinute.min, BOUNDS.toolLimitPerMinute.max).optional().meta({
    description: 'Calls one client may make of the tool in any 60 s.',
    absent: "the tool's own, or `task.toolLimitPerMinute`",
  }),
});

/** The tools that a stage serves, by name, with their values. */
export const toolsOption = z
  .record(z.string(), toolOptions)
  .optional()
  .meta({
    description:
      'The tools that the stage serves, by name, with their values: exactly these; `{}` serves only those of `task.server`. From what each tool states that it needs come the ' +
      "task's environment and IAM rights, its secrets, the names that it may resolve and, without an internet route, its VPC endpoints.",
    absent: 'every tool of service/tools/index.ts, with its defaults',
    update:
      'a secret that the stack had created for a tool which is removed stays outside of the stack, or is deleted if `secrets.retain` is `false`',
  });

export type ToolsOption = z.output<typeof toolsOption>;
