// For `node --import`: the names of the tests lead to loopback, as their DNS record would lead to the load balancer.
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith('.example.com') ? '127.0.0.1' : name, ...rest);
