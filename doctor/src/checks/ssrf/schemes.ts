import { randomUUID } from 'node:crypto';
import type { Canary } from '../../canary.ts';
import type { Check } from '../../check.ts';
import { type Lure, MAX_ARGUMENTS, refusesLures } from './follow-urls.ts';

function luresFor(canary: Canary | undefined): readonly Lure[] {
  const content = randomUUID();
  const encoded = Buffer.from(content).toString('base64');
  const address = canary === undefined ? '127.0.0.1:9' : canary.url.host;
  const isCanary = canary !== undefined;
  return [
    { url: 'file:///etc/passwd' },
    { url: `gopher://${address}/_`, isCanary },
    { url: `ftp://${address}/`, isCanary },
    { url: `data:text/plain;base64,${encoded}`, content },
  ];
}

export const ssrfSchemes: Check = {
  id: 'ssrf/schemes',
  title: 'Tools fetch only http and https',
  fault: 'Tools fetch URLs of other schemes than http and https',
  severity: 'high',
  why: 'file: reads the files of the server, and gopher: speaks to databases behind it',
  sends: `tools/call with a harmless URL and then with file:, gopher:, ftp: and data:, for up to ${MAX_ARGUMENTS} arguments of tools that may be called`,
  fix: 'Refuse every scheme except http and https before opening anything',
  frameworks: { 'Node.js': "['http:', 'https:'].includes(new URL(text).protocol)" },
  reference: 'CWE-918; OWASP SSRF Prevention Cheat Sheet',
  baseline: 'access',
  run: (probe) => refusesLures(probe, luresFor),
};
