import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { stages } from '../../infra/config.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { parseEnvironment } from '../../service/environment.ts';
import { containerEnvironment } from './container-environment.ts';
import { app } from './stage-app.ts';
import { only, stack, template } from './synthesize.ts';

/** What holds for any configuration: a fork changes infra/config.ts and these stay green. */
describe.each(Object.entries<StageConfig>(stages))('the configured stage %s', (name, config) => {
  // The policy is part of it: a finding that nobody acknowledged fails here.
  const assembly = app(name, stages).synth();
  const { template: first, environment } = assembly.getStackByName(`Mcp-${name}`);

  test('synthesizes to the same template twice', () => {
    expect(Template.fromStack(stack(config, `Mcp-${name}`)).toJSON()).toEqual(first);
  });

  test('needs no account, no credentials and nothing to look up', () => {
    expect(assembly.manifest.missing ?? []).toEqual([]);
    expect(environment).toMatchObject({ account: 'unknown-account', region: config.region });
  });

  test('is accepted by the service', () => {
    const { publicUrl } = parseEnvironment('deployed', containerEnvironment(template(config)));
    expect(publicUrl.href).toBe(`https://${config.domain.domainName}/mcp`);
  });

  test('if protected from termination, survives the loss of a task, of its stack and a year', () => {
    if (config.terminationProtection === false) return;
    const found = template(config);
    const { MinCapacity } = only(found, 'AWS::ApplicationAutoScaling::ScalableTarget').Properties;
    expect(MinCapacity).toBeGreaterThanOrEqual(2);
    const balancer = only(found, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties;
    expect(balancer.LoadBalancerAttributes).toContainEqual({
      Key: 'deletion_protection.enabled',
      Value: 'true',
    });
  });
});
