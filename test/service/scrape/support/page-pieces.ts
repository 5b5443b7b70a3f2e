/** Pages that clients scrape, with the parts that must stay and those that must go. Written for these tests. */
export interface PageKind {
  readonly name: string;
  readonly html: string;
  readonly kept: readonly string[];
  readonly left: readonly string[];
  /** Whether no part is the main one, so that the whole page is shown. @default false */
  readonly isWhole?: boolean;
}

const SENTENCES = [
  'The lock is opened with a key that only its owner holds, and it is turned twice before the door gives way.',
  'Water runs down the hill in spring, when the snow of the north side melts faster than the ground takes it in.',
  'Most of the old bridges were built of oak, which is heavy, hard to work, and lasts for three hundred years.',
  'A letter that is sent on Monday arrives on Wednesday, unless the train from the coast is late once more.',
  'Bakers get up long before the sun, so that the bread is warm when the first customers open the door.',
];

/** Paragraphs, each with its number as a separate word. */
export function prose(paragraphs: number, from = 1): string {
  return Array.from({ length: paragraphs }, (_, index) => {
    const number = from + index;
    return `<p>Paragraph${number} begins. ${SENTENCES[number % 5]} ${SENTENCES[(number + 2) % 5]}</p>`;
  }).join('\n');
}

export const NAV =
  '<nav><ul><li><a href="/">NavHome</a></li><li><a href="/about">NavAbout</a></li><li><a href="/jobs">NavJobs</a></li></ul></nav>';
export const COOKIES =
  '<div id="cookie-banner"><p>CookieNotice: we and our 840 partners store information on your device, to show you what you did not ask for.</p><button>Accept</button></div>';
export const FOOTER =
  '<footer><p>FooterNote: all rights are reserved by the company that owns this page, its parents and its heirs, since 1999.</p><a href="/terms">FooterTerms</a></footer>';
export const RELATED = `<div class="related-stories"><h3>RelatedHead</h3><ul>${'<li><a href="/x">RelatedStory of another day</a></li>'.repeat(6)}</ul></div>`;

export function page(body: string): string {
  return `<!doctype html><html><head><title>Title</title></head><body>${body}</body></html>`;
}
