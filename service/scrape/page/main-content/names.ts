import type { Element } from 'domhandler';

/** Characters of a class or id that are looked at. Real ones stay below; utility classes fill more, and say nothing. */
const MAX_NAME = 200;

/** Elements and roles that HTML and ARIA define to stand beside the main content. */
const ASIDE_TAGS = new Set(['nav', 'aside', 'footer', 'menu', 'dialog', 'button']);
const ASIDE_ROLES = new Set(
  'alert alertdialog banner complementary contentinfo dialog menu menubar navigation search tablist toolbar'.split(
    ' ',
  ),
);

/** Words in the names that authors give to what stands beside the main content. */
const ASIDE_WORDS =
  /(?:^|[^a-z])(?:ads?|advert\w*|banners?|breadcrumbs?|comments?|consent|cookies?|disqus|footer|footnav|gdpr|login|masthead|menu|modal|nav|navbar|navigation|newsletter|outbrain|overlay|pager|pagination|paywall|popup|promo\w*|recirc\w*|recommend\w*|related|replies|respond|share\w*|sharing|sidebar|signup|skip|social|sponsor\w*|subscri\w*|taboola|tags?|toolbar|trending|widgets?)(?![a-z])/;
/** Words that outdo those, as in `article-with-sidebar`. */
const MAIN_WORDS =
  /(?:^|[^a-z])(?:article|articles|body|column|content|contents|entry|main|page|post|story|text)(?![a-z])/;

/** Whether element or role say that this stands beside the main content. */
export function isAside({ name, attribs }: Element): boolean {
  return ASIDE_TAGS.has(name) || ASIDE_ROLES.has((attribs['role'] ?? '').slice(0, MAX_NAME));
}

/** Whether class and id say so. They may be wrong: see `mainContent`. */
export function isNamedAside({ name, attribs }: Element): boolean {
  if (name === 'body' || name === 'html' || name === 'main' || name === 'article') return false;
  const words = `${wordsOf(attribs['class'])} ${wordsOf(attribs['id'])}`;
  return ASIDE_WORDS.test(words) && !MAIN_WORDS.test(words);
}

/** In lower case, `relatedLinks` as two words. */
function wordsOf(name: string | undefined): string {
  if (name === undefined) return '';
  return name
    .slice(0, MAX_NAME)
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
}
