/** An output stream that reports whether it is a terminal; `hasColors` follows NO_COLOR and TERM. */
export interface Output {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

const CODES = { red: 31, green: 32 } as const;

/** Colours the text if the stream is a terminal with colours. */
export function coloured(colour: keyof typeof CODES, text: string, output: Output): string {
  return output.isTTY && output.hasColors?.() ? `\x1b[${CODES[colour]}m${text}\x1b[39m` : text;
}
