import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

const PRODUCT_HEADERS = [
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-runtime',
  'x-generator',
];

export const leakageVersions: Check = {
  id: 'leakage/versions',
  title: 'No header reveals software or its version',
  fault: 'A header reveals software or its version',
  severity: 'low',
  why: 'Attackers search for servers with a version for which they have an attack',
  sends: 'nothing; reads the responses of all other checks',
  fix: 'Remove X-Powered-By, and remove versions from Server',
  frameworks: {
    Express: "app.disable('x-powered-by')",
    nginx: 'server_tokens off;',
    '.NET': 'AddServerHeader = false',
  },
  reference: 'CWE-200; OWASP WSTG-INFO-02',
  baseline: 'nothing',
  async run({ seen }) {
    const revealing = seen.flatMap(({ headers }) => [
      ...PRODUCT_HEADERS.filter((name) => name in headers).map((name) => `${name}: ${headers[name]}`),
      ...(/\d/.test(headers['server'] ?? '') ? [`server: ${headers['server']}`] : []),
    ]);
    return revealing.length > 0
      ? fail([...new Set(revealing)].slice(0, 5).join('; '))
      : pass(`in none of ${seen.length} responses`);
  },
};
