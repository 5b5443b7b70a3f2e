import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { start } from './child.ts';
import type { Client, Outcome } from './client.ts';
import { HERE, ROOT, variablesFor } from './environment.ts';

const BROWSER_MS = 60_000;
const PORT = 9100;

/** An SDK in a page of headless Chromium. `entry` is its package. */
export function inChromium(name: string, entry: string): Client {
  return {
    name,
    package: entry,
    needs: 'chromium',
    async run(situation) {
      const script = join(situation.home, 'page.js');
      const options = ['--bundle', '--format=esm', '--log-level=warning', `--outfile=${script}`];
      execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [join(HERE, 'browser/page.mjs'), ...options]);
      const page = await servePage(readFileSync(script), JSON.stringify({ ...situation, package: entry }));
      const profile = `--user-data-dir=${join(situation.home, 'profile')}`;
      const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', profile];
      const command = ['chromium', ...flags, `http://127.0.0.1:${PORT}/`];
      const chromium = start(command, variablesFor(situation.home), situation.home);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(resolve, BROWSER_MS, `no outcome within ${BROWSER_MS / 1000} s`);
      });
      const ended = chromium.end.then((code) => `chromium ended: ${code}`);
      const outcome = await Promise.race([page.outcome, late, ended]);
      clearTimeout(timer);
      chromium.kill();
      page.stop();
      if (typeof outcome !== 'string') return outcome;
      return { connected: false, tools: [], answers: [], said: `${outcome}\n${chromium.output()}` };
    },
  };
}

/** Serves the page on loopback, and receives its outcome. */
async function servePage(script: Buffer, situation: string) {
  let settle: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.url === '/outcome') {
      settle(JSON.parse(await text(request)));
      response.end();
    } else if (request.url === '/situation') response.end(situation);
    else if (request.url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script);
    else
      response.setHeader('Content-Type', 'text/html').end('<script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((listening) => server.listen(PORT, '127.0.0.1', listening));
  return {
    outcome,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
