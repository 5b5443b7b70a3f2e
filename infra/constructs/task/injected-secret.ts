import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';

/** A secret that ECS reads when it starts a task, and gives to one container as a variable. */
export class InjectedSecret extends Secret {
  readonly arn: string;
  readonly hasField: boolean;

  private constructor(arn: string, hasField: boolean) {
    super();
    this.arn = arn;
    this.hasField = hasField;
  }

  /** @param reference the secret's ARN, and `#KEY` for one member of a JSON secret */
  static of(reference: string): InjectedSecret {
    const [arn = '', key] = reference.split('#');
    // ECS's form: ARN, JSON key, version stage, version id.
    return key === undefined ? new InjectedSecret(arn, false) : new InjectedSecret(`${arn}:${key}::`, true);
  }

  /** Grants nothing: the task grants its execution role to read all of them in one statement. */
  grantRead(grantee: IGrantable): Grant {
    return Grant.drop(grantee, 'granted by the task');
  }
}
