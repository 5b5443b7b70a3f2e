import { randomUUID } from 'node:crypto';

interface Version {
  value: string | undefined;
  readonly stages: Set<string>;
  readonly createdAt: number;
}

interface Secret {
  readonly createdAt: number;
  readonly versions: Map<string, Version>;
}

/** "About 100" in the Secrets Manager user guide, "AWS Secrets Manager quotas". */
const MAX_VERSIONS = 100;

/** An error of Secrets Manager by its code. */
export class SecretsManagerError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Input = Readonly<Record<string, unknown>>;

/** Secrets with their versions and staging labels, by the rules of the Secrets Manager API reference. */
export class SecretVersions {
  /** Epoch milliseconds. */
  now = () => Date.now();
  readonly #secrets = new Map<string, Secret>();

  /** Creates a secret without a value, unless it exists. */
  create(id: string): void {
    if (!this.#secrets.has(id)) this.#secrets.set(id, { createdAt: this.now(), versions: new Map() });
  }

  /** Puts a value as a person would; creates the secret if necessary. */
  set(id: string, value: string): void {
    this.create(id);
    this.putSecretValue({ SecretId: id, SecretString: value, ClientRequestToken: randomUUID() });
  }

  get(id: string): string | undefined {
    if (!this.#secrets.has(id)) return undefined;
    return [...this.#find(id).versions.values()].find(({ stages }) => stages.has('AWSCURRENT'))?.value;
  }

  /** Begins a rotation, or resumes an unfinished one. @returns the ClientRequestToken of its steps */
  rotate(id: string): string {
    const { versions } = this.#find(id);
    const pending = [...versions].find(
      ([, { stages }]) => stages.has('AWSPENDING') && !stages.has('AWSCURRENT'),
    );
    if (pending !== undefined) return pending[0];
    const token = randomUUID();
    versions.set(token, { value: undefined, stages: new Set(), createdAt: this.now() });
    attach(versions, 'AWSPENDING', token);
    return token;
  }

  /** Cancels a rotation, like an operator who removes AWSPENDING. */
  abandon(id: string): void {
    for (const { stages } of this.#find(id).versions.values()) stages.delete('AWSPENDING');
  }

  /** Number of versions so far. */
  count(id: string): number {
    return this.#find(id).versions.size;
  }

  getSecretValue({ SecretId, VersionId, VersionStage = 'AWSCURRENT' }: Input): object {
    const { versions } = this.#find(SecretId);
    const [id, version] =
      VersionId === undefined
        ? ([...versions].find(([, { stages }]) => stages.has(String(VersionStage))) ?? [])
        : [String(VersionId), versions.get(String(VersionId))];
    if (version?.value === undefined)
      throw new SecretsManagerError('ResourceNotFoundException', "can't find the specified secret value");
    const { value: SecretString, stages, createdAt } = version;
    const CreatedDate = createdAt / 1000;
    return {
      ARN: SecretId,
      Name: SecretId,
      VersionId: id,
      SecretString,
      VersionStages: [...stages],
      CreatedDate,
    };
  }

  putSecretValue({
    SecretId,
    ClientRequestToken,
    SecretString,
    VersionStages = ['AWSCURRENT'],
  }: Input): object {
    const { versions } = this.#find(SecretId);
    const id = String(ClientRequestToken);
    const value = String(SecretString);
    if (id.length < 32 || id.length > 64 || Buffer.byteLength(value) > 65_536)
      throw new SecretsManagerError('InvalidParameterException', 'a length is not allowed');
    const known = versions.get(id);
    if (known?.value !== undefined) {
      if (known.value !== value) throw new SecretsManagerError('ResourceExistsException', 'token in use');
      return { ARN: SecretId, VersionId: id };
    }
    if (known === undefined) this.#makeRoom(versions);
    if (known === undefined) versions.set(id, { value, stages: new Set(), createdAt: this.now() });
    else known.value = value;
    const first = ![...versions.values()].some(({ stages }) => stages.has('AWSCURRENT'));
    const stages = new Set([...(VersionStages as string[]), ...(first ? ['AWSCURRENT'] : [])]);
    for (const stage of stages) attach(versions, stage, id);
    return { ARN: SecretId, VersionId: id };
  }

  updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }: Input): object {
    const { versions } = this.#find(SecretId);
    const stage = String(VersionStage);
    const [holder] = [...versions].find(([, { stages }]) => stages.has(stage)) ?? [];
    if (holder !== RemoveFromVersionId && holder !== undefined)
      throw new SecretsManagerError('InvalidParameterException', `${stage} is attached to ${holder}`);
    if (MoveToVersionId !== undefined) attach(versions, stage, String(MoveToVersionId));
    else versions.get(holder ?? '')?.stages.delete(stage);
    return { ARN: SecretId };
  }

  describeSecret({ SecretId }: Input): object {
    const { versions, createdAt } = this.#find(SecretId);
    const labelled = [...versions].filter(([, { stages }]) => stages.size > 0);
    return {
      ARN: SecretId,
      CreatedDate: createdAt / 1000,
      RotationEnabled: true,
      VersionIdsToStages: Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]])),
    };
  }

  listSecretVersionIds({ SecretId }: Input): object {
    const Versions = [...this.#find(SecretId).versions].map(([VersionId, { stages, createdAt }]) => ({
      VersionId,
      VersionStages: [...stages],
      CreatedDate: createdAt / 1000,
    }));
    return { ARN: SecretId, Versions };
  }

  /** Removes the oldest versions without a label, but none of the last 24 hours. */
  #makeRoom(versions: Map<string, Version>): void {
    for (const [id, { stages, createdAt }] of versions) {
      if (versions.size < MAX_VERSIONS) return;
      if (stages.size === 0 && createdAt < this.now() - 86_400_000) versions.delete(id);
    }
    if (versions.size >= MAX_VERSIONS)
      throw new SecretsManagerError('LimitExceededException', 'too many versions');
  }

  /** Finds a secret by the name it was created with, or by its ARN. */
  #find(id: unknown): Secret {
    const [, name = ''] = /^arn:.*:secret:(.+)-\w{6}$/.exec(String(id)) ?? [];
    const secret = this.#secrets.get(String(id)) ?? this.#secrets.get(name);
    if (secret === undefined)
      throw new SecretsManagerError('ResourceNotFoundException', "can't find the specified secret");
    return secret;
  }
}

/** Moves a label; AWSPREVIOUS follows AWSCURRENT, and a current version is no longer pending. */
function attach(versions: ReadonlyMap<string, Version>, stage: string, to: string): void {
  const target = versions.get(to);
  if (target === undefined) throw new SecretsManagerError('ResourceNotFoundException', 'no such version');
  const [from, holder] = [...versions].find(([, { stages }]) => stages.has(stage)) ?? [];
  if (from === to) return;
  holder?.stages.delete(stage);
  target.stages.add(stage);
  if (stage !== 'AWSCURRENT') return;
  target.stages.delete('AWSPENDING');
  target.stages.delete('AWSPREVIOUS');
  if (from !== undefined) attach(versions, 'AWSPREVIOUS', from);
}
