import { createHash, createHmac } from 'node:crypto';

/** The user and the cache of a token. */
export interface SignedIn {
  readonly user: string;
  readonly cache: string;
  readonly region: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const percentEncoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Checks a token as ElastiCache does, by the steps of Signature Version 4 for a query.
 *
 * @returns the user and the cache; undefined if it is expired or the signature is not that key's
 */
export function signerOf(token: string, secretAccessKey: string): SignedIn | undefined {
  const { hostname, pathname, searchParams } = new URL(`http://${token}`);
  const query = Object.fromEntries(searchParams);
  const { 'X-Amz-Signature': signature, ...signed } = query;
  const time = signed['X-Amz-Date'] ?? '';
  const [, ...scope] = (signed['X-Amz-Credential'] ?? '').split('/');
  const [date = '', region = '', service = '', end = ''] = scope;
  const made = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const age = (Date.now() - made) / 1000;
  const valid = age > -60 && age < Math.min(Number(signed['X-Amz-Expires']), 900);
  const canonicalQuery = Object.entries(signed)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .sort()
    .join('&');
  const request = ['GET', pathname, canonicalQuery, `host:${hostname}`, '', 'host', sha256('')].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n');
  const key = [date, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const right = hmac(key, text).toString('hex') === signature;
  const connects = signed['Action'] === 'connect' && signed['ResourceType'] === 'ServerlessCache';
  if (!(valid && right && connects && service === 'elasticache' && end === 'aws4_request')) return undefined;
  return { user: signed['User'] ?? '', cache: hostname, region };
}
