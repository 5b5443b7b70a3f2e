import type { Element } from 'domhandler';

/** Longest class, id or role that is considered, in characters. Longer ones are lists of styles. */
const MAX_NAME = 200;

/** Elements and roles that HTML and ARIA define as outside the main content. */
const TAGS = new Set(words('aside button dialog footer menu nav'));
const ROLES = new Set(
  words(
    'alert alertdialog banner complementary contentinfo dialog menu menubar navigation search tablist toolbar',
  ),
);

/** Elements whose class and id are ignored: ids of headings repeat their words. */
const NEVER = new Set(words('html body main article h1 h2 h3 h4 h5 h6'));

/** An id with more words than a name has: that of a heading. */
const LONG_SLUG = /^\w+(?:-\w+){3}.*$/;

/** Words in names that authors give to elements outside the main content. */
const ASIDE = anyOf(
  'ads? advert\\w* banner breadcrumb comment consent cookie disqus footer gdpr login masthead menu modal nav navbar ' +
    'navigation newsletter outbrain overlay pager pagination paywall popup promo\\w* recirc\\w* recommend\\w* related ' +
    'reply replies respond share sharing sidebar signup skip social sponsor\\w* subscri\\w* taboola tag toolbar trending ' +
    'widget',
);
/** Words that override those, as in `article-with-sidebar`. */
const MAIN = anyOf('article body column content entry main page post section story text');

function words(text: string): string[] {
  return text.split(' ');
}

function anyOf(text: string): RegExp {
  return new RegExp(`(?<![a-z])(?:${words(text).join('|')})s?(?![a-z])`);
}

/**
 * The word that marks an element as outside the main content: its name, its role, or a word in its class or id.
 * Undefined if there is none. Authors choose these words, so some are wrong: see `leaveAsides`.
 */
export function asideWord({ name, attribs }: Element): string | undefined {
  if (TAGS.has(name)) return name;
  const role = attribs['role']?.slice(0, MAX_NAME).trim().toLowerCase();
  if (role !== undefined && ROLES.has(role)) return role;
  const { class: className, id } = attribs;
  if (className === undefined && id === undefined) return undefined;
  if (NEVER.has(name)) return undefined;
  const names = `${separate(className)} ${name === 'section' ? '' : separate(id).replace(LONG_SLUG, '')}`;
  return MAIN.test(names) ? undefined : ASIDE.exec(names)?.[0];
}

/** In lower case; `relatedLinks` becomes two words. */
function separate(name = ''): string {
  return name
    .slice(0, MAX_NAME)
    .replace(/[a-z](?=[A-Z])/g, '$&-')
    .toLowerCase();
}
