import { describe, expect, test } from '@jest/globals';
import { parseAuditCheckEnvironment } from '../../functions/audit-check/environment.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { resolved } from '../infra/resolved.ts';
import { stages } from '../infra/stages.ts';
import { all, only, template } from '../infra/templates.ts';

/** The environment of the function, as in the template. */
function variables(config: StageConfig): Record<string, Parameters<typeof resolved>[0]> {
  const [lambda] = all(template(config), 'AWS::Lambda::Function').filter(({ Properties }) =>
    /checks the chains/.test(Properties.Description ?? ''),
  );
  return lambda?.Properties.Environment.Variables;
}

function told(config: StageConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables(config)).map(([name, value]) => [name, resolved(value)]),
  );
}

describe.each(Object.entries<StageConfig>(combinations))(
  'the check of the audit log of %s',
  (_name, config) => {
    test('reads the key that the service uses', () => {
      const { MCP_AUDIT_KEY } = containerEnvironment(template(config));
      const { keySecretId } = parseAuditCheckEnvironment(told(config));
      if (config.task?.server === undefined) {
        expect(MCP_AUDIT_KEY).toBe(`aws-secretsmanager:${keySecretId}`);
        return;
      }
      // With a server beside it, ECS injects the key into the service.
      const [service] = only(template(config), 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
      expect(MCP_AUDIT_KEY).toBe('env:AUDIT_KEY');
      const [{ Name, ValueFrom }] = service.Secrets;
      expect([Name, resolved(ValueFrom)]).toEqual(['AUDIT_KEY', expect.stringContaining(keySecretId)]);
    });

    test('reads the log that the service writes', () => {
      const [container] = only(template(config), 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
      expect(variables(config)['AUDIT_LOG_GROUP']).toEqual(
        container.LogConfiguration.Options['awslogs-group'],
      );
      expect(Object.keys(variables(config)).sort()).toEqual(['AUDIT_KEY_SECRET_ARN', 'AUDIT_LOG_GROUP']);
    });
  },
);

test.each(['AUDIT_LOG_GROUP', 'AUDIT_KEY_SECRET_ARN'])(
  'the function’s environment is refused without %s, and the error names it',
  (name) => {
    expect(() => parseAuditCheckEnvironment({ ...told(stages.prod), [name]: undefined })).toThrow(name);
    expect(() => parseAuditCheckEnvironment({ ...told(stages.prod), [name]: '' })).toThrow(name);
  },
);
