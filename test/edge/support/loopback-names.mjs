// For `node --import`: the names of the tests resolve to loopback, as DNS would resolve them to the load balancer.
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith('.example.com') ? '127.0.0.1' : name, ...rest);
