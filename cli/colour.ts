/** A stream as far as it says whether it is a terminal; `hasColors` follows NO_COLOR and TERM. */
export interface Output {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

const CODES = { red: 31, green: 32 } as const;

/** Text for a person, in a colour where the stream is a terminal that has one. */
export function coloured(colour: keyof typeof CODES, text: string, output: Output): string {
  return output.isTTY && output.hasColors?.() ? `\x1b[${CODES[colour]}m${text}\x1b[39m` : text;
}
