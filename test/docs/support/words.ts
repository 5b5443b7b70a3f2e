/** A pattern of words that a reader has to read twice, and the plain form. */
export interface Riddle {
  readonly pattern: RegExp;
  readonly instead: string;
}

export const RIDDLES: readonly Riddle[] = [
  { pattern: /\bnobody( else)?\b/i, instead: 'no one, no client, or a sentence with its subject' },
  { pattern: /\bsomebody\b/i, instead: 'the role: a person, an attacker, an administrator' },
  { pattern: /\bwho(m|se)?ever\b/i, instead: 'the role: a person who, a principal that' },
  { pattern: /\b(the|its|their|a) ways? out\b/i, instead: 'egress' },
  { pattern: /\bre?ings?\b(?= (when|until|if|while|for|within)\b)/i, instead: 'raises an alarm' },
  { pattern: /\balarms? rings?\b/i, instead: 'the alarm is in ALARM' },
  { pattern: /\b(is|are|was|were) had\b/i, instead: 'has, exists' },
  { pattern: /\bby its name\b/i, instead: 'by name, or nothing' },
  { pattern: /\bsays? it of\b/i, instead: 'gives it for' },
  { pattern: /\bends? so\b/i, instead: 'ends with' },
  { pattern: /\bof ACM\b/, instead: 'ACM certificate' },
  {
    pattern: /\b(services?|accounts?|names?|rules?|keys?) of AWS\b(?! [A-Z])/,
    instead: 'AWS service, AWS account',
  },
  { pattern: /\blets? (\w+ )?in\b(?!-| (the|a|an|its|their) )/i, instead: 'allows, accepts' },
  { pattern: /\blet in\b/i, instead: 'allowed, accepted' },
  { pattern: /\bhears? of\b/i, instead: 'is notified of, receives' },
  { pattern: /\b(tells?|told) of\b/i, instead: 'reports, describes' },
  { pattern: /\b(he|his|him|she|her|hers)\b/i, instead: 'it, its (a client is "it")' },
  { pattern: /\bkept out\b/i, instead: 'blocked, refused' },
  { pattern: /\btak(e|es|en|ing) back\b/i, instead: 'revoke' },
  { pattern: /\bput anew\b/i, instead: 'replaced' },
  { pattern: /\bstands? in\b(?! for)/i, instead: 'is in' },
  { pattern: /\bgives? (them|it|tokens?) out\b/i, instead: 'issues' },
];

/** A place where a riddle stands. */
export interface Finding {
  readonly line: number;
  readonly words: string;
  readonly instead: string;
}

/** The riddles of a text, by line. A phrase that goes over the end of a line is found in its first. */
export function riddlesOf(text: string): Finding[] {
  const found = RIDDLES.flatMap(({ pattern, instead }) => {
    // A blank of a phrase may be the end of a line.
    const source = pattern.source.replaceAll(' ', '\\s+');
    return [...text.matchAll(new RegExp(source, `g${pattern.flags}`))].map((match) => ({
      line: text.slice(0, match.index).split('\n').length,
      words: match[0].replaceAll(/\s+/g, ' '),
      instead,
    }));
  });
  return found.sort((a, b) => a.line - b.line);
}

const blanked = (text: string) => text.replaceAll(/[^\n]/g, ' ');

/**
 * The comments and help texts of a TypeScript file, with everything else blanked, so that lines stay where they are.
 * A help text is a string that begins with `usage:`.
 */
export function proseOfTypeScript(text: string): string {
  const prose = /\/\*[\s\S]*?\*\/|(?<=^|[^:'"`\\])\/\/[^\n]*|`usage:[^`]*`|'usage:[^'\n]*'/g;
  let kept = '';
  let at = 0;
  for (const match of text.matchAll(prose)) {
    kept += blanked(text.slice(at, match.index));
    kept += match[0].replaceAll(/^\s*(?:\/\/|\/?\*+)/gm, blanked).replaceAll(/(?!^)`[^`\n]*`/g, blanked);
    at = match.index + match[0].length;
  }
  return kept + blanked(text.slice(at));
}

/** Markdown with its code and the targets of its links blanked, so that lines stay where they are. */
export function proseOfMarkdown(text: string): string {
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, blanked)
    .replaceAll(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length))
    .replaceAll(/\]\([^)\n]*\)/g, blanked)
    .replaceAll(/<!--[\s\S]*?-->/g, blanked);
}
