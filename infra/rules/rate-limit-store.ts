import { every, must, type Problems, type Rule } from './rule.ts';
import { groupRules, isPlaceholderEgress, isPort, taskGroups } from './security-groups.ts';
import { listOf, type SynthesizedTemplate } from './synthesized-template.ts';

const CACHE = 'AWS::ElastiCache::ServerlessCache';
const USER = 'AWS::ElastiCache::User';
const USERS = 'AWS::ElastiCache::UserGroup';
const made = { file: 'infra/constructs/rate-limit-store.ts' };
const optional = { needed: false };

/** Other stores, which can be configured without TLS or without credentials. */
const OTHERS = [
  'AWS::ElastiCache::CacheCluster',
  'AWS::ElastiCache::GlobalReplicationGroup',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::MemoryDB::Cluster',
];
/** Commands of the limits' script: none reads other keys, reveals server details or changes the server. */
const COMMANDS = ['eval', 'evalsha', 'time', 'lindex', 'lpush', 'ltrim', 'pexpire'];

function accessProblems(access: unknown): Problems {
  const words = String(access ?? '').split(/\s+/);
  const allowed = words.filter((word) => !['on', 'off', '-@all', '~mcp:*'].includes(word));
  const rights = allowed.filter((word) => !COMMANDS.some((command) => word === `+${command}`));
  return [
    rights.length > 0 &&
      `AccessString must name keys ~mcp:* and the script's commands, got ${rights.join(' ')}`,
    !/^(?:o\w+ )?(?:~mcp:\* )?-@all /.test(`${access} `) &&
      'AccessString must deny -@all before it allows commands',
  ];
}

/** Logical ids of the security groups of caches. */
function storeGroups(template: SynthesizedTemplate): ReadonlySet<string> {
  return new Set(
    template
      .all(CACHE)
      .flatMap(({ properties }) => listOf(properties['SecurityGroupIds']))
      .map((group) => template.target(group)?.logicalId ?? ''),
  );
}

export const rateLimitStoreRules: readonly Rule[] = [
  {
    id: 'StoreEncrypted',
    control: 'A shared rate limit store is TLS-only, within the VPC, and encrypted with a key of the stack',
    fsbp: ['ElastiCache.4', 'ElastiCache.5'],
    ...made,
    check: (template) => [
      ...every(
        CACHE,
        ({ Engine, KmsKeyId, ConnectionType }) => [
          must('Engine', Engine, 'valkey'),
          !template.names(KmsKeyId, 'AWS::KMS::Key') && 'KmsKeyId must be a key of this template',
          (ConnectionType ?? 'vpc') !== 'vpc' && 'ConnectionType must be "vpc" or absent',
        ],
        optional,
      )(template),
      ...OTHERS.flatMap((type) =>
        every(type, () => [`${type} must be ${CACHE}, which is TLS-only`], optional)(template),
      ),
    ],
  },
  {
    id: 'StoreIamAuthentication',
    control:
      'Only users of the stack can use the store, with IAM authentication: no password, no default user',
    fsbp: ['ElastiCache.6'],
    ...made,
    check: (template) => [
      ...every(
        CACHE,
        ({ UserGroupId }) => [
          !template.names(UserGroupId, USERS) && 'UserGroupId must be a group of this template',
        ],
        optional,
      )(template),
      ...every(
        USERS,
        // Groups of another engine have a default user.
        ({ Engine, UserIds }) => [
          must('Engine', Engine, 'valkey'),
          !listOf(UserIds).every((user) => template.names(user, USER)) &&
            'UserIds must be users of this template',
        ],
        optional,
      )(template),
      ...every(
        USER,
        ({ AuthenticationMode, UserName, NoPasswordRequired, Passwords }) => [
          must('AuthenticationMode', AuthenticationMode, { Type: 'iam' }),
          UserName === 'default' && 'UserName must not be "default", which needs no authentication',
          NoPasswordRequired !== undefined && 'NoPasswordRequired must be absent',
          Passwords !== undefined && 'Passwords must be absent',
        ],
        optional,
      )(template),
    ],
  },
  {
    id: 'StoreLeastAccess',
    control: 'A user of the store may only run the commands of the limits’ script, on the keys of the limits',
    fsbp: [],
    ...made,
    check: every(USER, ({ AccessString }) => accessProblems(AccessString), optional),
  },
  {
    id: 'StoreOnlyFromTasks',
    control:
      'A store accepts connections from the tasks’ security group only, on TCP 6379, and has no egress',
    fsbp: [],
    ...made,
    check: (template) => {
      const stores = storeGroups(template);
      const tasks = taskGroups(template);
      const within = (direction: 'Ingress' | 'Egress') =>
        groupRules(template, direction).filter(({ group }) => stores.has(group));
      return [
        ...every(
          CACHE,
          ({ SecurityGroupIds }) => [
            (listOf(SecurityGroupIds).length === 0 ||
              !listOf(SecurityGroupIds).every((group) => template.names(group, 'AWS::EC2::SecurityGroup'))) &&
              'SecurityGroupIds must be groups of this template',
          ],
          optional,
        )(template),
        ...within('Ingress').flatMap(({ logicalId, rule }) =>
          tasks.has(template.target(rule['SourceSecurityGroupId'])?.logicalId ?? '') && isPort(rule, 6379)
            ? []
            : [{ logicalId, problem: 'a store must be reached from tasks only, on TCP 6379' }],
        ),
        ...within('Egress').flatMap(({ logicalId, rule }) =>
          isPlaceholderEgress(rule) ? [] : [{ logicalId, problem: 'a store must have no egress' }],
        ),
      ];
    },
  },
  {
    id: 'StoreUsageLimits',
    control: 'The data and requests of a store are bounded, and it has no snapshots',
    fsbp: [],
    ...made,
    check: every(
      CACHE,
      ({ CacheUsageLimits, SnapshotRetentionLimit, DailySnapshotTime, FinalSnapshotName }) => [
        !(CacheUsageLimits?.DataStorage?.Maximum >= 1) && 'CacheUsageLimits must bound DataStorage',
        !(CacheUsageLimits?.ECPUPerSecond?.Maximum >= 1000) && 'CacheUsageLimits must bound ECPUPerSecond',
        (SnapshotRetentionLimit || DailySnapshotTime || FinalSnapshotName) && 'no snapshot must be taken',
      ],
      optional,
    ),
  },
];
