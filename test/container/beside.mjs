// Runs in the container of a server, beside the service, and tries to reach it. Prints a JSON object: each attempt with its
// outcome, `open` or the reason why it is blocked.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';

const PORT = 8443;
// Not an argument, which would be found in this container's own processes.
const PROGRAM = '/app/main.cjs';
const [, , host = ''] = process.argv;

/** Processes that run the service's program. */
function found() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(PROGRAM);
      } catch {
        return false;
      }
    });
}

/** Outcome of an attempt on each process of the service. */
function onService(attempt) {
  const pids = found();
  if (pids.length === 0) return 'no such process';
  const outcomes = pids.map((pid) => outcomeOf(() => attempt(pid)));
  return outcomes.includes('open') ? 'open' : outcomes.join();
}

function outcomeOf(attempt) {
  try {
    return attempt() === false ? 'nothing there' : 'open';
  } catch (error) {
    return error.code ?? String(error);
  }
}

/** Reads the first bytes of the first mapping. */
function readMemory(pid) {
  const [, start] = /^([0-9a-f]+)-/.exec(readFileSync(`/proc/${pid}/maps`, 'utf8')) ?? [];
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return readSync(memory, Buffer.alloc(16), 0, 16, Number.parseInt(start, 16)) === 16;
  } finally {
    closeSync(memory);
  }
}

function listen(options) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }) => resolve(code));
    server.listen({ port: PORT, ...options }, () => server.close(() => resolve('open')));
  });
}

async function takePort() {
  const outcomes = [];
  for (const host of ['0.0.0.0', '127.0.0.1', '::']) {
    for (const reusePort of [false, true]) outcomes.push(await listen({ host, reusePort }));
  }
  return outcomes.includes('open') ? 'open' : [...new Set(outcomes)].join();
}

/** Status of a request on loopback. */
function ask(method, path) {
  return new Promise((resolve) => {
    const headers = { host, 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port: PORT, method, path, headers, rejectUnauthorized: false };
    const sent = request(options, (response) => resolve(String(response.resume().statusCode)));
    sent.on('error', ({ code }) => resolve(code));
    sent.end(method === 'POST' ? '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' : undefined);
  });
}

const status = (text) => (text.startsWith('2') ? 'open' : text);

process.stdout.write(
  JSON.stringify({
    see_service: found().length > 0 ? 'open' : 'no such process',
    read_environment: onService((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes('AUDIT_KEY=')),
    read_memory: onService(readMemory),
    read_files: onService((pid) => readdirSync(`/proc/${pid}/root/app`).length > 0),
    signal_service: onService((pid) => process.kill(Number(pid), 0)),
    write_output: onService((pid) => closeSync(openSync(`/proc/${pid}/fd/1`, 'w'))),
    read_shared_memory: outcomeOf(() => readFileSync('/dev/shm/of-the-service', 'utf8')),
    find_abstract_socket: outcomeOf(() => / @/.test(readFileSync('/proc/net/unix', 'utf8'))),
    take_port: await takePort(),
    call_without_token: status(await ask('POST', '/mcp')),
    ask_health: status(await ask('GET', '/healthz')),
  }),
);
