import { reader, type Servers, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';

const preset = (value: string) => ({ tools: [reader('search', 'apiKey', { default: value })] });

export const SERVERS: Servers = {
  fails: preset(['sk', 'live', '51H8xAbCdEfGhIjKlMnOpQrSt'].join('-')),
  passes: {
    tools: [
      {
        ...reader('connect', 'apiKey', { default: 'your-api-key-1234' }),
        description: 'postgres://user:password@db.example/app',
      },
    ],
  },
  cannotTell: WITHOUT_TOKEN,
};
