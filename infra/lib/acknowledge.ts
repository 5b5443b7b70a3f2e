import { Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/** Packs whose rules mostly share names, and the prefix of their ids. */
const PACKS = { nist: 'NIST.800.53.R5', pci: 'PCI.DSS.321', hipaa: 'HIPAA.Security' } as const;

/**
 * Acknowledges one rule of the compliance packs beside the construct it concerns.
 *
 * @param packs the packs that contain the rule. @default - all three
 */
export function acknowledge(
  construct: IConstruct,
  rule: string,
  reason: string,
  packs: readonly (keyof typeof PACKS)[] = ['nist', 'pci', 'hipaa'],
): void {
  for (const pack of packs) Validations.of(construct).acknowledge({ id: `${PACKS[pack]}-${rule}`, reason });
}
