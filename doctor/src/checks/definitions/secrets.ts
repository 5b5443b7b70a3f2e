import type { Check } from '../../check.ts';
import { fail } from '../../verdict.ts';
import { countsOf, passWhole, placesOf, textsOf } from './texts.ts';

/** Keys with a form of their own. */
const KEYS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['an API key', /\b(?:sk|rk|pk)[-_](?:live|test|proj|ant|or)[-_][\w-]{16,}/],
  ['a Slack token', /\bxox[abeoprs]-[\w-]{10,}/],
  ['a Google API key', /\bAIza[\w-]{35}/],
  ['a JSON Web Token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a private key', /-----BEGIN (?:\w+ )?PRIVATE KEY-----/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}/],
  ['a Hugging Face token', /\bhf_[A-Za-z]{30,}/],
];
/** A password in a URL that is no example. */
const IN_URL =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,60}:(?=[^\s@/]*\d)(?=[^\s@/]*[A-Za-z])([^\s@/]{8,100})@/;
/** A preset value of an argument that is named like a secret. */
const PRESET =
  /(?:key|token|secret|passw(?:or)?d|credential)[^.]{0,20}\.(?:default|const|examples?(?:\.\d+)?)$/i;
const RANDOM = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.-]{16,}$/;
const PLACEHOLDER = /example|your|placeholder|change|dummy|sample|xxx|\.\.\.|1234567|abcdef/i;

export const definitionsSecrets: Check = {
  id: 'definitions/secrets',
  title: 'Definitions contain no secrets',
  fault: 'Definitions contain a secret',
  severity: 'high',
  why: 'Every client and every model that lists the tools gets the secret',
  sends: 'nothing; reads the names, descriptions, schemas and instructions that the server lists',
  fix: 'Revoke the secret, and read its successor from the configuration of the server',
  reference: 'CWE-798; OWASP MCP Top 10, Secret Exposure',
  baseline: 'access',
  async run(probe) {
    const found = (await textsOf(probe)).flatMap(({ where, text }) => {
      if (/EXAMPLE/.test(text)) return [];
      const [what] = KEYS.find(([, pattern]) => pattern.test(text)) ?? [];
      const [, password] = IN_URL.exec(text) ?? [];
      if (password !== undefined && !PLACEHOLDER.test(password) && !/pass|secret|[<{$*]/i.test(password))
        return `${where}: a password in a URL`;
      const isPreset = PRESET.test(where) && RANDOM.test(text) && !PLACEHOLDER.test(text);
      // The report must not contain the secret.
      return what !== undefined ? `${where}: ${what}` : isPreset ? `${where}: a preset secret` : [];
    });
    return found.length > 0 ? fail(placesOf(found)) : passWhole(probe, countsOf(probe));
  },
};
