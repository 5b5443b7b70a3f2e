import type { Element } from 'domhandler';

const MAX_NAME = 200;

const ASIDE =
  /\bads?\b|-ad-|banner|breadcrumb|combx|comment|community|cookie|consent|disqus|footer|gdpr|masthead|menu|newsletter|outbrain|pager|pagination|paywall|popup|promo|related|remark|replies|\brss\b|share|sharing|shoutbox|sidebar|skyscraper|social|sponsor|subscribe|supplemental|taboola|toolbar|widget/i;
const MAIN = /and|article|body|column|content|main|entry|post|story|text/i;
const GOOD = /article|body|content|entry|main|page|post|text|blog|story/i;
const BAD =
  /-ad-|hidden|banner|combx|comment|com-|contact|footer|gdpr|masthead|media|meta|outbrain|promo|related|scroll|share|sharing|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|widget/i;
const ROLES = new Set([
  'menu',
  'menubar',
  'complementary',
  'navigation',
  'alert',
  'alertdialog',
  'dialog',
  'search',
  'banner',
  'contentinfo',
]);
const TAGS = new Set(['nav', 'aside', 'footer', 'menu', 'dialog', 'button']);

export function nameOf({ attribs }: Element): string {
  return `${(attribs['class'] ?? '').slice(0, MAX_NAME)} ${(attribs['id'] ?? '').slice(0, MAX_NAME)}`;
}

export function isUnlikely(element: Element): boolean {
  if (element.name === 'body' || element.name === 'html' || element.name === 'a') return false;
  const name = nameOf(element);
  return ASIDE.test(name) && !MAIN.test(name);
}

export function isAside({ name, attribs }: Element): boolean {
  return TAGS.has(name) || ROLES.has((attribs['role'] ?? '').slice(0, 20));
}

export function weightOf({ attribs }: Element): number {
  let weight = 0;
  for (const value of [attribs['class'], attribs['id']]) {
    if (value === undefined) continue;
    const name = value.slice(0, MAX_NAME);
    if (BAD.test(name)) weight -= 25;
    if (GOOD.test(name)) weight += 25;
  }
  return weight;
}
