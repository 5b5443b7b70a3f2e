/** A decoded text, with the original position of each character. */
export interface View {
  readonly text: string;
  /** Index in the original of each character, and of the end. Absent if nothing moved. */
  readonly from?: Uint32Array;
}

/** Characters other than printable ASCII, tabs and line ends. */
const NOT_PLAIN = /[^\t\n\r\x20-\x7e]/;
/** UTF-8 bytes that unescaping left as single characters, or any other character that is not plain. */
const UNUSUAL =
  /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[^\t\n\r\x20-\x7e]/gu;
/** Characters without a visible form: a reader sees the name without them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The text as a person reads it: without invisible characters, and with plain letters in place of full-width and styled
 * ones (NFKC). Undefined if that changes nothing.
 */
export function plainView({ text, from }: View): View | undefined {
  if (!NOT_PLAIN.test(text)) return undefined;
  let plain = '';
  const origin: number[] = [];
  let done = 0;
  const keep = (end: number) => {
    plain += text.slice(done, end);
    for (let i = done; i < end; i++) origin.push(from?.[i] ?? i);
  };
  for (const { 0: unusual, index } of text.matchAll(UNUSUAL)) {
    keep(index);
    const read = readAs(unusual);
    plain += read;
    for (let i = 0; i < read.length; i++) origin.push(from?.[index] ?? index);
    done = index + unusual.length;
  }
  keep(text.length);
  origin.push(from?.[text.length] ?? text.length);
  return plain === text ? undefined : { text: plain, from: Uint32Array.from(origin) };
}

/** The same for a name. Reads its last 1,024 characters. */
export function plainName(name: string): string {
  const end = name.slice(-1024);
  return plainView({ text: end })?.text ?? end;
}

function readAs(unusual: string): string {
  const character =
    unusual.length > 1 && unusual < '\u0100' ? Buffer.from(unusual, 'latin1').toString() : unusual;
  return character.replace(INVISIBLE, '').normalize('NFKC');
}
