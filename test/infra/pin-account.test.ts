import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { App } from 'aws-cdk-lib/core';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { certificateArn } from './combinations.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';

const ACCOUNT = '210987654321';

/** Roles that publish assets. */
const PUBLISHER =
  /arn:\$\{AWS::Partition\}:iam::(.+?):role\/cdk-hnb659fds-(?:file|image)-publishing-role-([^"]+)-us-east-1/g;

/** The assembly of a stage, as the CDK CLI reads it. */
function assemblyOf(config: StageConfig) {
  const assembly = (stack(config).node.root as App).synth({ skipValidation: true });
  const assets = readFileSync(join(assembly.directory, 'Mcp-test.assets.json'), 'utf8');
  return {
    stack: assembly.getStackByName('Mcp-test'),
    missing: assembly.manifest.missing,
    publishers: new Set([...assets.matchAll(PUBLISHER)].flatMap(([, of, named]) => [of, named])),
  };
}

describe('a stage with an account', () => {
  const pinned = assemblyOf({ ...stages.dev, account: ACCOUNT });
  const free = assemblyOf(stages.dev);

  test('is of that account for the CDK CLI, which needs its credentials', () => {
    expect(pinned.stack.environment).toMatchObject({ account: ACCOUNT, region: 'us-east-1' });
    expect(free.stack.environment).toMatchObject({ account: 'unknown-account', region: 'us-east-1' });
  });

  test('publishes its assets there', () => {
    expect([...pinned.publishers]).toEqual([ACCOUNT]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the CDK
    expect([...free.publishers]).toEqual(['${AWS::AccountId}']);
  });

  test('is synthesized without a question to the account', () => {
    expect(pinned.missing ?? []).toEqual([]);
  });

  test('differs in one rule, which CloudFormation evaluates before the first resource', () => {
    const { Rules, ...rest } = pinned.stack.template;
    const { Rules: others, ...same } = free.stack.template;
    expect(rest).toEqual(same);
    const { OnlyInAccount, ...remaining } = Rules;
    expect(remaining).toEqual(others);
    expect(OnlyInAccount).toEqual({
      Assertions: [
        {
          Assert: { 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, ACCOUNT] },
          AssertDescription: expect.stringContaining(ACCOUNT),
        },
      ],
    });
  });

  test.each(['21098765432', '2109876543210', '2109-8765-4321'])('%s is no account', (account) => {
    expect(() => parseStageConfig({ ...stages.dev, account })).toThrow(
      `account must be an account id of 12 digits, got "${account}"`,
    );
  });

  test('takes no certificate of another account', () => {
    const domain = { domainName: 'mcp.example.com', certificateArn };
    expect(() => parseStageConfig({ ...stages.dev, account: ACCOUNT, domain })).toThrow(
      `domain.certificateArn must be of the account of the stage, ${ACCOUNT}, got "${certificateArn}"`,
    );
    expect(() => parseStageConfig({ ...stages.dev, account: '123456789012', domain })).not.toThrow();
  });
});
