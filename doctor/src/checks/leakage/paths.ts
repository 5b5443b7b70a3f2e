import type { Check } from '../../check.ts';
import { nowhere } from './search.ts';

const PATHS = [
  /(?:\/(?:home|Users|root|usr\/src|usr\/local\/lib|opt|srv|var\/(?:task|www|lib)|app\/(?:node_modules|dist|src))\/)[\w.@/-]{2,100}/,
  /\bnode_modules\/[\w.@/-]{2,100}/,
  /site-packages\/[\w./-]{2,100}/,
  /\b[A-Z]:\\{1,2}(?:Users|inetpub|Program Files|app)\\/,
  /file:\/\/\/[\w.@/-]{2,100}/,
];

export const leakagePaths: Check = {
  id: 'leakage/paths',
  title: 'No error contains a path on the server’s file system',
  fault: 'An error contains a path on the server’s file system',
  severity: 'low',
  why: 'It shows the operating system, the user and where to aim a path traversal',
  sends: 'nothing; reads the responses of all other checks',
  fix: 'Send your own error texts, not exception messages',
  reference: 'CWE-209, CWE-497',
  baseline: 'nothing',
  run: async (probe) => nowhere(probe, PATHS),
};
