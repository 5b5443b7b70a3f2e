import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * Makes the suite load on Node 20: it imports `fs.globSync`, which is new in Node 22, for a command that is not used
 * here. Load it with `node --import`; it removes that name from the import when the file is read.
 */
if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/@modelcontextprotocol/conformance/dist/index.js')) return loaded;
  return { ...loaded, source: String(loaded.source).replace(/\bglobSync as \w+,/, '') };
}
