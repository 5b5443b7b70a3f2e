import { reader, type Servers, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';

const described = (description: string) => ({ tools: [{ ...reader('note', 'text'), description }] });

export const SERVERS: Servers = {
  fails: described('Adds a note.\u{E0041}\u{E0042}\u200B'),
  // Emoji with joiners, and the flag of Scotland, which consists of tags.
  passes: described(
    'Adds a note \u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}',
  ),
  cannotTell: WITHOUT_TOKEN,
};
