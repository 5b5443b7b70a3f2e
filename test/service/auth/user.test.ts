import { describe, expect, test } from '@jest/globals';
import { principalOf } from '../../../service/auth/principal.ts';
import { callerOf } from '../../../service/auth/token-verifier.ts';
import { subjectText } from '../../../service/auth/user.ts';

const ISSUER = 'https://login.example.com/';
const principal = (claims: Record<string, unknown>) =>
  principalOf(
    { iss: ISSUER, scope: 'echo', ...claims },
    { audience: 'https://a', scopes: new Set(['echo']) },
  );
const subject = (claims: Record<string, unknown>) => principal(claims).user?.subject;

describe('the user of a token', () => {
  test.each<[name: string, claims: Record<string, unknown>, user: string]>([
    ['RFC 9068', { client_id: 'c', sub: '5ba552d67' }, '5ba552d67'],
    [
      'Entra ID: oid, because each application gets another sub',
      { azp: 'c', scp: 'echo', tid: 't', oid: '7f7f-1', sub: 'pairwise' },
      '7f7f-1',
    ],
    [
      'Okta: uid, because sub is the login name',
      { cid: 'c', scp: ['echo'], uid: '00u1', sub: 'ann@corp.example' },
      '00u1',
    ],
    ['Auth0', { azp: 'c', sub: 'auth0|5f7c' }, 'auth0|5f7c'],
    ['Keycloak', { azp: 'kc', sub: '3b1f-9', preferred_username: 'ann' }, '3b1f-9'],
    ['Cognito', { client_id: 'c', sub: 'e1b2', username: 'ann' }, 'e1b2'],
    ['an oid of another issuer is not read', { client_id: 'c', sub: 's', oid: 'organization' }, 's'],
    ['Okta: a login name that is the client id', { cid: 'c', scp: ['echo'], uid: '00u1', sub: 'c' }, '00u1'],
    ['Entra ID: a sub that is the client id', { azp: 'c', scp: 'echo', tid: 't', oid: 'o', sub: 'c' }, 'o'],
    ['a tid of another issuer says nothing about the grant', { client_id: 'c', tid: 't', sub: 's' }, 's'],
    [
      'a person who chose the name of a service account',
      { azp: 'c', sub: '3b1f-9', sid: 'session', preferred_username: 'service-account-c' },
      '3b1f-9',
    ],
  ])('%s', (_name, claims, user) => {
    expect(principal(claims).user).toEqual({ issuer: ISSUER, subject: user });
  });

  test.each<[name: string, claims: Record<string, unknown>]>([
    ['RFC 9068: sub is the client', { client_id: 'c', sub: 'c' }],
    ['Auth0: sub is the client', { azp: 'c', sub: 'c@clients' }],
    ['Auth0: gty', { azp: 'c', sub: 'other', gty: 'client-credentials' }],
    ['Entra ID: idtyp', { azp: 'c', tid: 't', oid: 'o', scp: 'echo', idtyp: 'app', sub: 's' }],
    ['Entra ID: no scp', { azp: 'c', tid: 't', oid: 'o', roles: ['echo'], sub: 's' }],
    ['Okta: sub is the client', { cid: 'c', scp: ['echo'], sub: 'c' }],
    [
      'Keycloak: service account',
      { azp: 'Build', sub: '3b1f', preferred_username: 'service-account-build', clientHost: '192.0.2.1' },
    ],
    ['no sub', { client_id: 'c' }],
  ])('a client for itself has none. %s', (_name, claims) => {
    expect(subject(claims)).toBeUndefined();
  });

  test.each(['ann@corp.example', 'Ann Smith', 'Zoë', 'x'.repeat(129), 'a\nb'])(
    'a subject that could be a name or an address is recorded as its hash: %j',
    (sub) => {
      expect(subject({ client_id: 'c', sub })).toMatch(/^sha256:[\w-]{43}$/);
      expect(subject({ client_id: 'c', sub })).toBe(subjectText(ISSUER, sub));
      expect(subject({ client_id: 'c', sub, iss: 'https://other.example' })).not.toBe(
        subjectText(ISSUER, sub),
      );
    },
  );
});

test('a subject that is the pseudonym of another person is not recorded as it is', () => {
  const ann = subjectText(ISSUER, 'ann@corp.example');
  expect(subject({ client_id: 'c', sub: ann })).toMatch(/^sha256:[\w-]{43}$/);
  expect(subject({ client_id: 'c', sub: ann })).not.toBe(ann);
});

test.each([5, '', null, ['ann'], { id: 'ann' }, true])(
  'a token whose sub is %j is refused: its user would have no record and no limit',
  (sub) => {
    expect(() => principal({ client_id: 'c', sub })).toThrow(
      expect.objectContaining({ code: 'token_invalid', reason: 'claim sub' }),
    );
  },
);

describe('no caller counts as another', () => {
  test('a client whose id looks like a subject is refused', () => {
    expect(principal({ sub: 'ann' }).clientId).toBe('sub:ann');
    expect(() => principal({ client_id: 'sub:ann', sub: 'ann' })).toThrow(
      expect.objectContaining({ code: 'token_invalid', reason: 'client id begins with sub:' }),
    );
  });

  test('a client id with a blank, which separates client and user, is refused', () => {
    expect(callerOf(principal({ client_id: 'c', sub: 'ann' }))).toBe('c ann');
    expect(() => principal({ client_id: 'c ann', sub: 'c ann' })).toThrow(
      expect.objectContaining({ reason: 'no usable client id' }),
    );
  });
});
