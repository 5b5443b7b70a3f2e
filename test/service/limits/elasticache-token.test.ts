import { describe, expect, test } from '@jest/globals';
import { createElastiCacheTokens } from '../../../service/limits/elasticache-token.ts';
import { signerOf } from '../support/elasticache-token.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/token+with=signs',
};
const cache = { region: 'eu-central-1', name: 'mcp-prod-limits' };

async function token(more: Partial<typeof credentials> = {}, username = 'mcp-prod-limits') {
  const source = async () => ({ ...credentials, ...more });
  return (await createElastiCacheTokens({ ...cache, username, credentials: source }))();
}

describe('a token for ElastiCache', () => {
  test('is a request to connect to the cache, signed for a quarter of an hour', async () => {
    const made = await token();
    expect(made.startsWith('mcp-prod-limits/?Action=connect&')).toBe(true);
    const query = Object.fromEntries(new URL(`http://${made}`).searchParams);
    expect(query).toEqual({
      Action: 'connect',
      User: 'mcp-prod-limits',
      ResourceType: 'ServerlessCache',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': expect.stringMatching(
        /^AKIDEXAMPLE\/\d{8}\/eu-central-1\/elasticache\/aws4_request$/,
      ),
      'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': credentials.sessionToken,
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('has the signature of the algorithm, computed here step by step', async () => {
    expect(signerOf(await token(), credentials.secretAccessKey)).toEqual({
      user: 'mcp-prod-limits',
      cache: 'mcp-prod-limits',
      region: 'eu-central-1',
    });
    expect(signerOf(await token(), 'another key')).toBeUndefined();
    expect(
      signerOf((await token()).replace('User=mcp', 'User=root'), credentials.secretAccessKey),
    ).toBeUndefined();
  });

  test('is signed with the current credentials, and contains no key', async () => {
    const keys = ['first', 'second'];
    const source = async () => ({ ...credentials, secretAccessKey: keys.shift() ?? '' });
    const next = await createElastiCacheTokens({ ...cache, username: 'mcp', credentials: source });
    for (const key of ['first', 'second']) expect(signerOf(await next(), key)).toMatchObject({ user: 'mcp' });
    expect(await token()).not.toContain(credentials.secretAccessKey);
  });
});
