import type { Check } from '../../check.ts';
import { nowhere } from './search.ts';

const INTERNAL = [
  /\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b/,
  /\b[\w-]{1,63}\.(?:internal|svc\.cluster\.local|compute\.amazonaws\.com)\b/,
  /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp):\/\/[^\s"']{3,100}/,
];

export const leakageInternalAddresses: Check = {
  id: 'leakage/internal-addresses',
  title: 'No error contains an internal address or a connection string',
  fault: 'An error contains an internal address or a connection string',
  severity: 'medium',
  why: 'It shows where databases are, sometimes with their password, and where to aim an SSRF',
  sends: 'nothing; reads the responses of all other checks',
  fix: 'Send your own error texts, and remove internal names from headers',
  reference: 'CWE-497; OWASP WSTG-INFO-02',
  baseline: 'nothing',
  run: async (probe) => nowhere(probe, INTERNAL),
};
