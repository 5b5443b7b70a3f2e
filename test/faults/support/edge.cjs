/**
 * Loaded into the deployed process before the service: the edge of its machine. Names resolve as FAULT_NAMES says, one
 * list of addresses a lookup and then the last again, the addresses of FAULT_HOSTS are ports of loopback, and both
 * clocks can be set by a line of JSON on standard input: `{"wall":ms}`, `{"monotonic":ms}`, each added. With
 * FAULT_WATCH_LOOP a timer of 1 ms measures how long the event loop was held, in time and in CPU; `{"longest":true}` asks.
 */
const { Resolver } = require('node:dns/promises');
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
  let last = monotonic();
  let cpu = process.cpuUsage();
  setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    stretch.ms = Math.max(stretch.ms, Math.round(monotonic() - last));
    stretch.cpuMs = Math.max(stretch.cpuMs, Math.round((user + system) / 1000));
    last = monotonic();
    cpu = process.cpuUsage();
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
