import type { Check } from '../../check.ts';
import { fail } from '../../verdict.ts';
import { countsOf, passWhole, placesOf, textsOf } from './texts.ts';

/** Text that is addressed to the model and that no description of a tool needs. Distances are bounded, so the search is fast. */
const INSTRUCTIONS: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'a tag that poses as the system',
    /<\/?(?:important|system|instructions?|secret|hidden|critical|assistant|admin|override)\s*>/i,
  ],
  [
    'an order to ignore other instructions',
    /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|earlier|above|preceding|other|all|your|system)\b.{0,30}\b(?:instructions?|prompts?|rules|guidelines|constraints)\b/i,
  ],
  [
    'an order to hide something from the user',
    /\b(?:do not|don['’]?t|never|must not|without)\b.{0,20}\b(?:tell|inform|mention|reveal|notify|show|alert|ask|warn|disclos)\w{0,4}\b.{0,40}\b(?:user|human|person|operator)\b/i,
  ],
  [
    'an order to keep something from the user',
    /\b(?:keep|hide|conceal|withhold)\b.{0,40}\b(?:secret|hidden|silent|from)\b.{0,20}\b(?:user|human|person|operator)\b/i,
  ],
  [
    'an order in a comment, which a rendered text does not show',
    /<!--.{0,300}?\b(?:system|instructions?|you (?:must|should)|always|never|ignore|do not|before (?:you|answering|responding|using))\b/i,
  ],
  [
    'an order to act before other tools are used',
    /\bbefore (?:using|calling|invoking|running|you (?:use|call|run|answer))\b.{0,20}\b(?:any|all|every|each|other)\b.{0,30}\b(?:tools?|function)\b.{0,120}\b(?:read|send|include|pass|copy|fetch|open|access)\b/i,
  ],
  [
    'a file with credentials',
    /(?:~|\$HOME|%USERPROFILE%|\/home\/[\w.-]+|\/Users\/[\w.-]+|\/root)[\\/]\.(?:ssh|aws|cursor|gnupg|kube|netrc|npmrc|pypirc|docker|env|config\/gcloud|git-credentials)\b|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\.cursor\/mcp\.json|claude_desktop_config/i,
  ],
  [
    'an order to hand over the conversation',
    /\b(?:send|pass|include|append|forward|post|upload|attach|transmit|exfiltrate)\b.{0,40}\b(?:system prompt|(?:whole|entire|full|complete|the) conversation|chat history|previous messages|all messages|message history)\b/i,
  ],
  [
    'a parameter for hidden data',
    /\bpass (?:it|them|its contents?|the contents?)\b.{0,60}\bas\b.{0,30}\b(?:side ?note|context|note|metadata|parameter)\b/i,
  ],
];

export const definitionsInstructions: Check = {
  id: 'definitions/instructions',
  title: 'Definitions give the model no hidden instructions',
  fault: 'Definitions give the model hidden instructions (tool poisoning)',
  severity: 'high',
  why: 'The model reads every definition, and does what it says with the rights of the user',
  sends: 'nothing; reads the names, descriptions, schemas and instructions that the server lists',
  fix: 'Remove the text. If you did not write it, treat the server as compromised',
  reference: 'OWASP MCP Top 10, Tool Poisoning; MCP 2026-07-28 Tools, Security Considerations',
  baseline: 'access',
  async run(probe) {
    const found = (await textsOf(probe)).flatMap(({ where, text }) => {
      // Invisible characters and line breaks must not hide the words.
      const plain = text
        .normalize('NFKC')
        .replace(/[\p{Cf}\p{Mn}]/gu, '')
        .replace(/\s+/g, ' ');
      return INSTRUCTIONS.flatMap(([what, pattern]) => {
        const [words] = pattern.exec(plain) ?? [];
        return words === undefined ? [] : `${where}: ${what}: ${words.slice(0, 100)}`;
      });
    });
    return found.length > 0 ? fail(placesOf(found)) : passWhole(probe, countsOf(probe));
  },
};
