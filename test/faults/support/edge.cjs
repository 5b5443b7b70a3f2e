/**
 * Loaded into the deployed process before the service, in place of the machine's edge. FAULT_NAMES maps a name to lists
 * of addresses, one for each lookup, of which the last repeats. FAULT_HOSTS maps addresses to loopback ports. A line of
 * JSON on standard input adds to the clocks: `{"wall":ms}`, `{"monotonic":ms}`. With FAULT_WATCH_LOOP a timer of 1 ms
 * measures how long the event loop was blocked, in time and in CPU; `{"longest":true}` prints the maximum.
 */
const { Resolver } = require('node:dns/promises');
const { readFileSync } = require('node:fs');
const net = require('node:net');
const { env, stderr, stdin } = process;

const say = (event, fields) =>
  stderr.write(`${JSON.stringify({ type: 'log', level: 'info', event, ...fields })}\n`);

const offset = { wall: 0, monotonic: 0 };
const RealDate = Date;
const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() + offset.monotonic;
globalThis.Date = class MovedDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + offset.wall] : args));
  }
  static now() {
    return RealDate.now() + offset.wall;
  }
};
stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of text.split('\n').filter(Boolean)) {
    const { longest, ...clocks } = JSON.parse(line);
    if (longest) {
      say('edge_loop', stretch);
      Object.assign(stretch, { ms: 0, cpuMs: 0 });
      continue;
    }
    for (const [clock, ms] of Object.entries(clocks)) offset[clock] += ms;
    say('clock_set', offset);
  }
});

const stretch = { ms: 0, cpuMs: 0 };
if (env.FAULT_WATCH_LOOP) {
  // CPU of this thread, so that neither other processes nor garbage collection count.
  const cpuMs = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  let last = monotonic();
  let cpu = cpuMs();
  setInterval(() => {
    stretch.ms = Math.max(stretch.ms, Math.round(monotonic() - last));
    stretch.cpuMs = Math.max(stretch.cpuMs, Math.round(cpuMs() - cpu));
    last = monotonic();
    cpu = cpuMs();
  }, 1).unref();
}

const names = JSON.parse(env.FAULT_NAMES ?? '{}');
Resolver.prototype.resolve4 = async (name) => {
  const [answer, ...later] = names[name] ?? [];
  if (answer === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  if (later.length > 0) names[name] = later;
  say('edge_resolved', { addresses: answer });
  return answer;
};
Resolver.prototype.resolve6 = async () => [];

const hosts = JSON.parse(env.FAULT_HOSTS ?? '{}');
const { connect } = net;
net.connect = (target, ...more) => {
  const port = hosts[target.host];
  if (port === undefined) return connect(target, ...more);
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('close', () => say('edge_closed', { host: target.host, bytesRead: socket.bytesRead }));
  return socket;
};
