/** A text to search for, and its name. */
export interface Needle {
  readonly text: string;
  readonly kind: string;
  /** Encoding of the secret: plain, base64, … */
  readonly form: string;
}

export interface Hit {
  readonly needle: Needle;
  readonly line: number;
  /** The beginning of that line, up to the first finding in it. */
  readonly begins: string;
}

/** Shorter texts would also match harmless ones. */
export const SHORTEST = 8;
/** A longer secret is searched for in pieces, because a part of it is a leak too: records cut long texts. */
const PIECE = 32;
const BASE = 257;
/** Read once, because jest's globals are slow. */
const { imul } = Math;

/** All forms in which a secret is searched for; none for a secret that is too short. */
export function needlesOf(kind: string, secret: string): Needle[] {
  if (secret.length < SHORTEST) return [];
  const pieces = secret.length < 2 * PIECE ? [secret] : piecesOf(secret).filter(varied);
  const written = [pieces[0], pieces.at(-1)].flatMap((piece) =>
    piece === undefined ? [] : writingsOf(piece),
  );
  const plain = pieces.map((text) => ({ text, form: 'plain' }));
  return [...plain, ...written].map((each) => ({ ...each, kind }));
}

function piecesOf(text: string): string[] {
  const whole = Array.from({ length: Math.floor(text.length / PIECE) }, (_, i) =>
    text.slice(i * PIECE, (i + 1) * PIECE),
  );
  return [...whole, text.slice(-PIECE)];
}

/** A run of one character is filler, which harmless texts contain as well. */
function varied(piece: string): boolean {
  return new Set(piece).size > 5;
}

function writingsOf(text: string): { form: string; text: string }[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  // A text within a longer one can start at any of three positions of a base64 group; the characters that depend on
  // its neighbours are left out.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
  );
  const others = [
    { form: 'JSON', text: JSON.stringify(text).slice(1, -1) },
    { form: 'percent-encoded', text: encodeURIComponent(text) },
    ...[hex, hex.toUpperCase()].map((each) => ({ form: 'hex', text: each })),
    ...base64.map((each) => ({ form: 'base64', text: each })),
    ...base64.map((each) => ({ form: 'base64url', text: each.replaceAll('+', '-').replaceAll('/', '_') })),
  ];
  return others.filter((each) => each.text !== text);
}

/**
 * Searches for any number of texts in one pass (Rabin and Karp): a rolling hash over the length of the shortest
 * text, a bit for each known hash, and where it is set, one comparison for each length of the texts with that
 * beginning.
 */
export function createSearch(needles: readonly Needle[]): (output: Buffer) => Hit[] {
  const bits = new Uint8Array(2 ** 20);
  const known = new Map<number, Map<number, Map<string, Needle>>>();
  for (const needle of needles) {
    const bytes = Buffer.from(needle.text);
    let hash = 0;
    for (let i = 0; i < SHORTEST; i++) hash = (imul(hash, BASE) + (bytes[i] as number)) | 0;
    bits[hash >>> 12] = 1;
    const lengths = known.get(hash) ?? new Map<number, Map<string, Needle>>();
    known.set(hash, lengths);
    const texts = lengths.get(bytes.length) ?? new Map<string, Needle>();
    lengths.set(bytes.length, texts);
    if (!texts.has(bytes.toString('latin1'))) texts.set(bytes.toString('latin1'), needle);
  }
  let power = 1;
  for (let i = 0; i < SHORTEST; i++) power = imul(power, BASE);

  return (output) => {
    // One character for each byte.
    const text = output.toString('latin1');
    const hits: Hit[] = [];
    let hash = 0;
    let line = 1;
    let begins: string | undefined;
    let lineStart = 0;
    for (let i = 0; i < text.length; i++) {
      const byte = text.charCodeAt(i);
      if (byte === 10) {
        line += 1;
        lineStart = i + 1;
        begins = undefined;
      }
      hash = (imul(hash, BASE) + byte) | 0;
      if (i >= SHORTEST) hash = (hash - imul(power, text.charCodeAt(i - SHORTEST))) | 0;
      if (i < SHORTEST - 1 || bits[hash >>> 12] === 0) continue;
      const start = i + 1 - SHORTEST;
      for (const [length, texts] of known.get(hash) ?? []) {
        const needle = texts.get(text.slice(start, start + length));
        if (needle === undefined) continue;
        begins ??= text.slice(lineStart, Math.min(start, lineStart + 60));
        hits.push({ needle, line, begins });
      }
    }
    return hits;
  };
}
