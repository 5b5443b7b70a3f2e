import { changes, rewriteHead, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';

const place = (text: string) =>
  changes((one) =>
    rewriteHead(one, ({ 'www-authenticate': value }) =>
      value === undefined ? {} : { 'www-authenticate': `Bearer resource_metadata="${text}"` },
    ),
  );

export const SERVERS: Servers = {
  fails: place('https://attacker.example/'),
  passes: SOUND,
  cannotTell: silentOn(({ request }) => request.url?.startsWith('/.well-known') === true),
};
