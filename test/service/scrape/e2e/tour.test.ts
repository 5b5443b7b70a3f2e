import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { programBundle } from '../../../support/bundles.ts';
import { freePort } from '../../support/free-port.ts';
import { type RunningProcess, startProcess } from '../../support/start-process.ts';

const tour = readFileSync(new URL('../../../../docs/tour.md', import.meta.url), 'utf8');

function block(language: string, containing: string): string {
  const blocks = [...tour.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return blocks.find(([, name, text]) => name === language && text?.includes(containing))?.[2] ?? '';
}

interface Step {
  readonly command: string;
  readonly prints: string;
}

/** Commands of a console block and the output of each. */
function steps(text: string): readonly Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), prints: step.slice(end + 1) };
    });
}

/** `…` in the tour replaces text that differs from run to run; runs of blanks count as one. */
function pattern(text: string): RegExp {
  const parts = text
    .trim()
    .replaceAll(/[ \t]+/g, ' ')
    .split('…');
  return new RegExp(
    `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^"\\n]*?')}$`,
  );
}

let server: RunningProcess;
let page: ReturnType<typeof spawn> | undefined;
let port: number;
let pagePort: number;
const adjust = (text: string) => text.replaceAll('9000', String(pagePort)).replaceAll('8080', String(port));
const starting = steps(block('console', 'npm start'));

beforeAll(async () => {
  [port, pagePort] = [await freePort(), await freePort()];
  const [{ command: variable }, { command: start }] = starting as [Step, Step];
  server = startProcess('bash', [
    '-c',
    `${variable}; export PORT=${port}; ${adjust(start).replace('npm start', 'exec npm start')}`,
  ]);
  await server.says(/^MCP server/m);
});
afterAll(async () => {
  page?.kill();
  server.child.kill('SIGTERM');
  await server.exited();
});

describe('the tour', () => {
  const transcript = steps(block('console', 'npm run -s call'));

  test('has a transcript', () => {
    expect(transcript).toHaveLength(6);
  });

  test('shows the output of a starting server', () => {
    const [, { prints }] = starting as [Step, Step];
    const [announced = ''] = /^MCP server[\s\S]*?(?=\n\n)/m.exec(server.stderr()) ?? [];
    expect(announced.replaceAll(/[ \t]+/g, ' ')).toMatch(pattern(adjust(prints)));
  });

  test.each(transcript.map(({ command, prints }) => [command, prints] as const))(
    '%s prints this',
    async (command, prints) => {
      if (command.endsWith('&')) {
        page = spawn('bash', ['-c', `exec ${adjust(command.slice(0, -1))}`]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return;
      }
      const run = startProcess('bash', [
        '-c',
        // The source takes a second to start; help.test.ts starts it as it is written here.
        adjust(command).replace(
          'npm run -s call --',
          `${process.execPath} ${programBundle('call')} --url http://127.0.0.1:${port}/mcp`,
        ),
      ]);
      await run.exited();
      const printed = `${run.stdout()}${run.stderr().replaceAll(/^npm warn .*\n/gm, '')}`;
      expect(printed.trim().replaceAll(/[ \t]+/g, ' ')).toMatch(pattern(adjust(prints)));
    },
  );

  test('shows the audit line that the server wrote', () => {
    const line = server
      .stdout()
      .split('\n')
      .find((text) => text.includes('169.254.169.254'));
    expect(line).toMatch(pattern(block('json', '"type":"audit"')));
  });
});
