import { bootstrap } from './bootstrap.ts';
import { certificate, issuance } from './certificate.ts';
import type { Check } from './check.ts';
import { hostedZone, privateZone, records } from './domain.ts';
import { endpoints, prefixLists } from './endpoints.ts';
import { existingVpc } from './existing-vpc.ts';
import { guardDuty } from './guardduty.ts';
import { identity } from './identity.ts';
import { containerEngine, existingImage } from './image.ts';
import { mutualTls } from './mutual-tls.ts';
import { placeholders } from './placeholders.ts';
import { principals } from './principals.ts';
import { queryLogs } from './query-logs.ts';
import {
  fargate,
  lambdaConcurrency,
  logPolicies,
  natGateways,
  regionQuotas,
  securityGroupRules,
} from './quotas.ts';
import { existingSecrets, secretNames, serverSecrets } from './secrets.ts';
import { serviceLinkedRoles } from './service-linked-roles.ts';
import { stackState } from './stack.ts';
import { zones } from './zones.ts';

/** Every check, in the order of the report: what stops a deployment first comes first. */
export const CHECKS: readonly Check[] = [
  identity,
  placeholders,
  bootstrap,
  stackState,
  containerEngine,
  existingImage,
  principals,
  hostedZone,
  privateZone,
  records,
  certificate,
  issuance,
  mutualTls,
  zones,
  existingVpc,
  endpoints,
  prefixLists,
  ...regionQuotas,
  natGateways,
  securityGroupRules,
  logPolicies,
  lambdaConcurrency,
  fargate,
  secretNames,
  existingSecrets,
  serverSecrets,
  serviceLinkedRoles,
  queryLogs,
  guardDuty,
];
