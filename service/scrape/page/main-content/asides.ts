import type { Element } from 'domhandler';

/** Characters of a class, an id or a role that are looked at. Longer ones are lists of styles, and say nothing. */
const MAX_NAME = 200;

/** Elements and roles that HTML and ARIA define to stand beside the main content. */
const TAGS = new Set(words('aside button dialog footer menu nav'));
const ROLES = new Set(
  words(
    'alert alertdialog banner complementary contentinfo dialog menu menubar navigation search tablist toolbar',
  ),
);

/** Elements whose class and id say nothing: headings have those of their words. */
const NEVER = new Set(words('html body main article h1 h2 h3 h4 h5 h6'));

/** An id of more words than a name has: those of a heading. */
const LONG_SLUG = /^\w+(?:-\w+){3}.*$/;

/** Words in the names that authors give to what stands beside the main content. */
const ASIDE = anyOf(
  'ads? advert\\w* banner breadcrumb comment consent cookie disqus footer gdpr login masthead menu modal nav navbar ' +
    'navigation newsletter outbrain overlay pager pagination paywall popup promo\\w* recirc\\w* recommend\\w* related ' +
    'reply replies respond share sharing sidebar signup skip social sponsor\\w* subscri\\w* taboola tag toolbar trending ' +
    'widget',
);
/** Words that outdo those, as in `article-with-sidebar`. */
const MAIN = anyOf('article body column content entry main page post section story text');

function words(text: string): string[] {
  return text.split(' ');
}

function anyOf(text: string): RegExp {
  return new RegExp(`(?<![a-z])(?:${words(text).join('|')})s?(?![a-z])`);
}

/**
 * The word by which an element says that it stands beside the main content: its name, its role, or a word in its class
 * or id. Undefined when it does not say so. Authors choose these words, so that some are wrong: see `leaveAsides`.
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
