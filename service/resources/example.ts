import { ServiceError } from '../errors.ts';
import type { Resource } from './resource.ts';

// The pattern of a resource; it is not in the list of index.ts. Copy this file and its test under another name.

const TERMS: Readonly<Record<string, string>> = {
  scope: 'A right that a token has and a tool, a resource or a prompt needs.',
};

/** @param deadlineMs maximum duration of one read, in milliseconds */
export function createExample(deadlineMs: number): Resource {
  return {
    // Without {term} it would be one resource, in resources/list; this is a template, in resources/templates/list.
    uri: 'example://glossary/{term}',
    name: 'glossary',
    title: 'Glossary',
    description: 'The meaning of a term.',
    mimeType: 'text/plain',
    // A scope of its own: a client neither sees nor may read it until infra/config.ts grants it the scope.
    scopes: ['example'],
    deadlineMs,
    // Pass `signal` to anything slow, such as fetch(url, { signal }).
    async read({ term = '' }, { signal }) {
      signal.throwIfAborted();
      const text = Object.hasOwn(TERMS, term) ? TERMS[term] : undefined;
      if (text === undefined) throw new ServiceError('resource_unknown');
      return { text };
    },
  };
}
