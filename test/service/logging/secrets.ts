/** Made-up credentials in each vendor's form, none of them real; concatenated so that no scanner reports them. */
const HEX = '9f86d081884c7d659a2feaa0c55ad015'.repeat(5);
const MIXED = 'kQ3vX9tBz7LmN2pRw8YcHd5FgJ4sAe6U'.repeat(5);
const LOWER = 'k3vx9tbz7lmn2prw8ychd5fgj4sae6uq'.repeat(3);
const UPPER = MIXED.toUpperCase();
const of = (...parts: string[]) => parts.join('');
const DASHES = '-'.repeat(5);
const block = (label: string) =>
  `${DASHES}BEGIN ${label}${DASHES}\nlQOYBF${MIXED.slice(0, 64)}\n${MIXED.slice(0, 30)}\n${DASHES}END ${label}${DASHES}`;

/** Text that must not remain, by kind. */
export const TOKENS: Readonly<Record<string, string>> = {
  JWT: of('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiJhbGljZSJ9', '.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'),
  JWE: of('eyJhbGciOiJkaXIifQ', '..', MIXED.slice(0, 16), '.', MIXED.slice(0, 40), '.', MIXED.slice(0, 22)),
  'AWS access key id': of('AKIA', UPPER.slice(0, 16)),
  'AWS temporary key id': of('ASIA', UPPER.slice(0, 16)),
  'AWS bearer key id': of('ABIA', UPPER.slice(0, 16)),
  'AWS context key id': of('ACCA', UPPER.slice(0, 16)),
  'AWS secret key': of('wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYEXAMPLEKEY'),
  'AWS Bedrock': of('ABSK', MIXED.slice(0, 110)),
  'GitHub classic': of('ghp_', MIXED.slice(0, 36)),
  'GitHub OAuth': of('gho_', MIXED.slice(0, 36)),
  'GitHub app': of('ghs_', MIXED.slice(0, 36)),
  'GitHub fine-grained': of('github_pat_', MIXED.slice(0, 22), '_', MIXED.slice(0, 59)),
  GitLab: of('glpat-', MIXED.slice(0, 20)),
  'GitLab runner': of('glrt-', MIXED.slice(0, 20)),
  npm: of('npm_', MIXED.slice(0, 36)),
  PyPI: of('pypi-', 'AgEIcHlwaS5vcmc', MIXED.slice(0, 60)),
  Docker: of('dckr_pat_', MIXED.slice(0, 27)),
  RubyGems: of('rubygems_', HEX.slice(0, 48)),
  'HashiCorp Vault': of('hvs.', MIXED.slice(0, 95)),
  'Vault batch': of('hvb.', MIXED.slice(0, 140)),
  'Terraform Cloud': of(MIXED.slice(0, 14), '.atlasv1.', MIXED.slice(0, 64)),
  Databricks: of('dapi', HEX.slice(0, 32)),
  DigitalOcean: of('dop_v1_', HEX.slice(0, 64)),
  Grafana: of('glsa_', MIXED.slice(0, 32), '_', HEX.slice(0, 8)),
  'Grafana Cloud': of('glc_', MIXED.slice(0, 60)),
  Linear: of('lin_api_', LOWER.slice(0, 40)),
  Notion: of('ntn_', '12345678901', MIXED.slice(0, 35)),
  'Notion, old': of('secret_', MIXED.slice(0, 43)),
  Figma: of('figd_', LOWER.slice(0, 40)),
  'Sentry user': of('sntryu_', HEX.slice(0, 64)),
  'Sentry organization': of('sntrys_', 'eyJpYXQiO', MIXED.slice(0, 60)),
  'Twilio API key': of('SK', HEX.slice(0, 32)),
  SendGrid: of('SG.', MIXED.slice(0, 22), '.', MIXED.slice(0, 43)),
  Mailgun: of('key-', HEX.slice(0, 32)),
  Brevo: of('xkeysib-', HEX.slice(0, 64), '-', LOWER.slice(0, 16)),
  Telegram: of('123456789', ':AA', MIXED.slice(0, 33)),
  Discord: of('MTAxMjM0NTY3ODkwMTIzNDU2', '.GaBcDe.', MIXED.slice(0, 38)),
  'Slack bot': of('xoxb-', '123456789012-', MIXED.slice(0, 24)),
  'Slack app': of('xapp-', '1-A0123-123-', LOWER.slice(0, 40)),
  'Stripe secret': of('sk_live_', MIXED.slice(0, 24)),
  'Stripe webhook': of('whsec_', MIXED.slice(0, 32)),
  'OpenAI project': of('sk-proj-', MIXED.slice(0, 74)),
  'OpenAI, old': of('sk-', MIXED.slice(0, 48)),
  Anthropic: of('sk-ant-', 'api03-', MIXED.slice(0, 93), 'AA'),
  'Hugging Face': of('hf_', LOWER.replace(/\d/g, 'a').slice(0, 34)),
  Groq: of('gsk_', MIXED.slice(0, 52)),
  xAI: of('xai-', LOWER.slice(0, 80)),
  Perplexity: of('pplx-', LOWER.slice(0, 48)),
  'Google API key': of('AIza', MIXED.slice(0, 35)),
  'Google OAuth access': of('ya29.', MIXED.slice(0, 60)),
  'Google OAuth refresh': of('1//0', LOWER.slice(0, 60)),
  'Google client secret': of('GOCSPX-', MIXED.slice(0, 28)),
  'Azure AD client secret': of('abc', '8Q~', MIXED.slice(0, 33)),
  Shopify: of('shpat_', HEX.slice(0, 32)),
  Square: of('sq0atp-', MIXED.slice(0, 22)),
  Facebook: of('EAAB', MIXED.slice(0, 110)),
  Atlassian: of('ATATT3', MIXED.slice(0, 100)),
  Airtable: of('pat', MIXED.slice(0, 14), '.', HEX.slice(0, 64)),
  PlanetScale: of('pscale_tkn_', LOWER.slice(0, 40)),
  Postman: of('PMAK-', HEX.slice(0, 24), '-', HEX.slice(0, 34)),
  'New Relic': of('NRAK-', UPPER.slice(0, 27)),
  Doppler: of('dp.pt.', LOWER.slice(0, 43)),
  Tailscale: of('tskey-', 'auth-', LOWER.slice(0, 30)),
  'Fly.io': of('fo1_', LOWER.slice(0, 43)),
  age: of('AGE-SECRET-KEY-', '1', 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)),
  '1Password service': of('ops_eyJ', MIXED.slice(0, 120)),
  'hex digest': HEX.slice(0, 64),
  'mixed case': MIXED.slice(0, 34),
};

/** The same for credentials with blanks or line breaks, which some embeddings encode. */
export const BLOCKS: Readonly<Record<string, string>> = {
  'RSA key': block('RSA PRIVATE KEY'),
  'OpenSSH key': block('OPENSSH PRIVATE KEY'),
  'PGP key': block('PGP PRIVATE KEY BLOCK'),
  'PKCS key without an end': `${DASHES}BEGIN ENCRYPTED PRIVATE KEY${DASHES}\n${MIXED.slice(0, 80)}`,
  'PuTTY key': `PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n${MIXED.slice(0, 48)}`,
  bearer: of('Bearer ', MIXED.slice(0, 24)),
  basic: of('Basic ', Buffer.from('alice:hunter2-hunter2').toString('base64')),
};

const json = (value: unknown) => JSON.stringify(value);
const url = encodeURIComponent;

/** Positions of a credential in a client's text. */
export const EMBEDDINGS: Readonly<Record<string, (secret: string) => string>> = {
  alone: (secret) => secret,
  'in words': (secret) => `use ${secret} for it`,
  'in a query': (secret) => `https://api.example.org/v1/items?page=2&x=${url(secret)}&lang=en`,
  'in a fragment': (secret) => `https://app.example.org/cb#x=${url(secret)}`,
  'in a nested URL': (secret) =>
    `https://a.example.org/go?next=${url(`https://b.example.org/in?x=${url(secret)}`)}`,
  'in a URL nested twice': (secret) =>
    `https://a.example.org/go?next=${url(`https://b.example.org/?next=${url(`https://c.example.org/?x=${url(secret)}`)}`)}`,
  'in JSON': (secret) => json({ items: [{ value: secret }] }),
  'in JSON in JSON': (secret) => json({ body: json({ value: secret }) }),
  'in JSON in JSON in JSON': (secret) => json({ body: json({ body: json({ value: secret }) }) }),
  'in JSON in a query': (secret) => `https://a.example.org/?state=${url(json({ value: secret }))}`,
  'in HTML': (secret) => `<input value=&quot;${secret}&quot;>`,
  'in a header': (secret) => `X-Custom: ${secret}\r\nAccept: */*`,
};
