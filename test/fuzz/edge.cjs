// Loaded into the deployed process before the service: every name resolves to loopback, and port 443 to
// FUZZ_UPSTREAM_PORT.
const dns = require('node:dns/promises');
const net = require('node:net');

const { env } = process;
const port = Number(env.FUZZ_UPSTREAM_PORT);
dns.lookup = async () => [{ address: '127.0.0.1', family: 4 }];
const { connect } = net;
net.connect = (target, ...more) => connect(target.port === 443 ? { ...target, port } : target, ...more);
