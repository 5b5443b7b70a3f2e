import { eachMatch } from './matches.ts';
import type { Span } from './urls.ts';

/**
 * How credentials of vendors begin, and the least that follows. From gitleaks' rules (config/gitleaks.toml of 2026-07-22),
 * of which only those are taken that tell a credential by its form alone; what follows is taken to its end, whatever its
 * length, so that a vendor who makes it longer changes nothing. Figures and reason: docs/redaction.md.
 */
const WORD_TAILS: readonly string[] = [
  ...['gh[pousr]_', 'github_pat_', 'GR1348941', 'gl(?:pat|ptt|rt|dt|ft|ffct|imt|agent|oas|soat|cbt)-'],
  ...[
    'npm_',
    'pypi-',
    'dckr_(?:pat|oat)_',
    'rubygems_',
    'CLOJARS_',
    'cmVmd',
    'AKCp',
    'do[opr]_v1_',
    'pnu_',
    'PMAK-',
  ],
  ...[
    'glsa_',
    'glc_',
    'lin_(?:api|oauth)_',
    'ntn_',
    'secret_',
    'fig[a-z]{0,2}_',
    'sntry[usa]_',
    'rdme_',
    'ATATT3',
    'ATCTT3',
  ],
  ...[
    '(?:sk|rk|pk)[-_](?:live|test|prod|proj|ant|or|admin|svcacct|lf)[-_]',
    'ATBB',
    'whsec_',
    'sq0[a-z]{3}-',
    'shp[a-z]{2}_',
  ],
  ...[
    'xox[a-z](?:\\.xox[a-z])?-',
    'xapp-',
    'hf_',
    'api_org_',
    'gsk_',
    'xai-',
    'pplx-',
    'r8_',
    'nvapi-',
    'lsv2_',
    'tskey-',
    'sbp_',
  ],
  ...[
    'sb_secret_',
    'vcp_',
    'nfp_',
    'pscale_(?:tkn|oauth|pw)_',
    'phx_',
    'sg[pm]_',
    'sm_[aps]at_',
    'NRAK-',
    'NRII-',
    'HRKU-',
  ],
  ...[
    'fo1_',
    'fm[12][ar]?_',
    'fio-u-',
    'ico-',
    'pul-',
    'tk-us-',
    'duffel_(?:test|live)_',
    'shippo_(?:test|live)_',
    'FLWSECK',
  ],
  ...[
    'x(?:key|smtp)sib-',
    'ops_eyJ',
    'p8e-',
    'A3-',
    'AGE-SECRET-KEY-',
    'AIza',
    'GOCSPX-',
    'LTAI',
    'EZ[AT]K',
    'EAA[A-Z]',
    'ABSK',
  ],
  // Key ids of AWS that go with a secret. AIDA, AROA, AGPA and their like name users, roles and groups; they open nothing.
  ...[
    'A3T[A-Z0-9]',
    'AKIA',
    'ASIA',
    'ABIA',
    'ACCA',
    '4b1d',
    'sha256~',
    'v1\\.0-(?=[0-9a-f]{24}-)',
    'whk_',
    'key-(?=[0-9a-f]{20})',
  ],
];
/** The same for those whose rest has dots. */
const DOTTED_TAILS: readonly string[] = [
  'SG\\.',
  'hv[sbr]\\.',
  'dp\\.[a-z]{2,5}\\.',
  'dt0[a-z]\\d{2}\\.',
  'ya29\\.',
  'pat\\.',
  'sat\\.',
];
/** Whole forms. */
const FORMS: readonly string[] = [
  'dapi[0-9a-f]{32}(?:-\\d)?',
  'SK[0-9a-fA-F]{32}',
  'sk-[A-Za-z0-9]{20,4096}',
  'pat[A-Za-z0-9]{14}\\.[0-9a-f]{40,4096}',
  's\\.[A-Za-z0-9]{24,4096}',
  '1//0[\\w-]{20,4096}',
  '(?:bot)?\\d{6,12}:[\\w-]{33,4096}',
  '[MNO][\\w-]{20,28}\\.[\\w-]{6,7}\\.[\\w-]{25,4096}',
  '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w=-]{20,4096}',
  '[\\w~.]{3}\\dQ~[\\w~.-]{28,4096}',
];
const VENDOR = new RegExp(
  `(?<![A-Za-z0-9])(?:(?:${WORD_TAILS.join('|')})[\\w=-]{12,4096}|(?:${DOTTED_TAILS.join('|')})[\\w.=-]{16,4096}|${FORMS.join('|')})`,
  'g',
);

// Each starts where a run of its characters starts, or at a fixed word, so that no text takes quadratic time.
const SLACK_HOOK = /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/+-]{20,4096}/g;
/** No known shape, but no person types these: a digest's worth of hex, a long run of mixed case with digits. */
const UNKNOWN: readonly RegExp[] = [
  /(?<![0-9a-z])[0-9a-f]{32,4096}(?![0-9a-z])/gi,
  /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,4096}={0,2}/g,
];
/** Standard base64: of 30 bytes, as an AWS secret access key is, and of 48 or more. A file's path rarely looks so. */
const BASE64 =
  /(?<![\w+/.-])(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[A-Z])(?:[A-Za-z0-9+/]{64,4096}={0,2}|[A-Za-z0-9+/]{40})(?![\w+/-])/g;

/** The log group masks any 40 such characters near one of these words (CloudWatch Logs, identifier AwsSecretKey). */
const AWS_WORDS = /aws_?secret|credential|secret[ _-]?(?:access[ _-]?)?key|set-awscredential/i;
const AWS_SECRET = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=])/g;
/** A private key, OpenSSH's, PGP's and those without an end included. */
const PEM =
  /-{4,5} ?BEGIN [\w -]{0,100}?PRIVATE KEY(?: BLOCK)? ?-{4,5}[\s\S]*?(?:-{4,5} ?END [\w -]{0,100}?PRIVATE KEY(?: BLOCK)? ?-{4,5}|$)/g;
const PUTTY = /PuTTY-User-Key-File-\d[\s\S]*/g;
/** Values of the header Authorization, wherever they stand; bearer tokens as widely as the log group masks them. */
const SCHEMES: readonly RegExp[] = [
  /bearer[\s+]{1,8}[\w.~+/=-]{8,4096}/gi,
  /(?<![A-Za-z])(?:[Bb]asic|BASIC)[\s+]{1,8}(?=[A-Za-z0-9+/]*[A-Z0-9])[A-Za-z0-9+/]{8,4096}={0,2}/g,
];
/** A part of a JWT or JWE that another follows. */
const PART = /(?<![\w-])[\w-]{11,4096}(?=\.)/g;
const MORE_PARTS = /(?:\.[\w-]{0,4096}){1,4}/y;

export interface Found {
  readonly span: Span;
  /**
   * How surely it is no part of a URL's host or path: `masked` is replaced wherever it stands, for the log group would mask
   * it; `token` spares hosts; `base64` also a run that crosses segments of a path.
   */
  readonly kind: 'masked' | 'token' | 'base64';
}

/** Without such a run there is nothing that is known by its length. */
const LONG_RUN = /[\w+/=-]{32}/;

/** Everything in a text that has the form of a credential. Takes time in proportion to the text, whatever it is. */
export function tokensIn(text: string): readonly Found[] {
  const found: Found[] = [];
  const take = (pattern: RegExp, kind: Found['kind']) =>
    eachMatch(pattern, text, ({ 0: token, index }) => {
      found.push({ span: [index, index + token.length], kind });
    });
  // Asked for a word first, since nearly every text has none.
  if (text.includes('KEY')) take(PEM, 'masked');
  if (text.includes('PuTTY')) take(PUTTY, 'masked');
  for (const pattern of SCHEMES) take(pattern, 'masked');
  if (text.includes('hooks.slack.com')) take(SLACK_HOOK, 'token');
  take(VENDOR, 'token');
  if (LONG_RUN.test(text)) {
    for (const pattern of UNKNOWN) take(pattern, 'token');
    take(BASE64, 'base64');
    if (AWS_WORDS.test(text)) take(AWS_SECRET, 'masked');
  }
  if (text.includes('eyJ')) {
    eachMatch(PART, text, ({ 0: part, index }) => {
      const start = part.indexOf('eyJ');
      if (start < 0 || part.length - start < 11) return;
      MORE_PARTS.lastIndex = index + part.length;
      const rest = MORE_PARTS.exec(text)?.[0] ?? '';
      // Four characters at least, or the empty key of a JWE and what follows it.
      if (!/^\.(?:[\w-]{4}|\.[\w-])/.test(rest)) return;
      found.push({ span: [index + start, index + part.length + rest.length], kind: 'masked' });
    });
  }
  return found;
}
