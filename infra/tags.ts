import * as z from 'zod';
import { problem } from './lib/option-error.ts';

/** AWS allows 50 tags on a resource. The rest is for the tags of this stack, and for those that an organization adds. */
const MAX_TAGS = 40;
/** They are in the template once for each of up to 200 resources, and CloudFormation takes 1 MB. */
const MAX_CHARACTERS = 2000;
/** Letters, digits, spaces and the signs that every AWS service accepts. */
const SIGNS = '_.:/=+-@';
const TEXT = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

/** Tags of every resource, by key, such as `{ 'cost-center': '4711' }`. */
export const tagsOption = z
  .record(z.string(), z.string())
  .superRefine((tags, context) => {
    const entries = Object.entries(tags);
    if (entries.length > MAX_TAGS) {
      context.addIssue(problem([], `must be at most ${MAX_TAGS} tags, got ${entries.length}`));
    }
    const characters = JSON.stringify(tags).length;
    if (characters > MAX_CHARACTERS) {
      context.addIssue(
        problem([], `must have at most ${MAX_CHARACTERS} characters in all, got ${characters}`),
      );
    }
    for (const [key, value] of entries) {
      const rules = [
        /^aws:/i.test(key) && 'must have no key that begins with aws:, which AWS reserves',
        (key.length < 1 || key.length > 128) && 'must have keys of 1 to 128 characters',
        value.length > 256 && 'must have values of at most 256 characters',
        !(TEXT.test(key) && TEXT.test(value)) && `must have letters, digits, spaces and ${SIGNS} only`,
      ];
      for (const rule of rules) {
        if (!rule) continue;
        const got = `got ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
        context.addIssue(problem([], `${rule}, ${got}`));
      }
    }
  })
  .default({})
  .meta({
    description:
      "Tags of every resource that can be tagged, by key, such as `{ 'cost-center': '4711' }`. Set them at the first deployment: " +
      'a later change updates nearly every resource, and none has been tried on AWS. Use this option and not `cdk deploy --tags`: a changed tag of the whole stack replaces the configuration of the DNS query log, ' +
      'and Route 53 Resolver refuses a second one for the VPC.',
    rule: `at most ${MAX_TAGS} tags, with keys of 1 to 128 characters and values of up to 256: letters, digits, spaces and ${SIGNS}, not beginning with aws:; at most ${MAX_CHARACTERS} characters in all, as JSON`,
  });
