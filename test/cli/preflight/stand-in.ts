import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A refusal as AWS words it. */
export class Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;

  constructor(code: string, status = 400, message = 'refused') {
    this.code = code;
    this.status = status;
    this.message = message;
  }
}

/** The input of an operation: parameters of a form, members of a JSON document, or the path of a REST request. */
export type Input = Readonly<Record<string, unknown>>;
/** Output by operation, such as `ec2:DescribeVpcs`, as it is on the wire. */
export type Answers = Readonly<Record<string, (input: Input) => unknown>>;

export interface StandIn {
  readonly url: string;
  /** Operations in the order of their requests. */
  readonly operations: readonly string[];
  stop(): void;
}

const QUERY: readonly string[] = ['sts', 'iam', 'cloudformation'];
/** REST requests by service: method and path of each operation. */
const REST: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  route53: [
    [/^GET \/2013-04-01\/hostedzone\/(\w+)$/, 'GetHostedZone'],
    [/^GET \/2013-04-01\/hostedzone\/(\w+)\/rrset/, 'ListResourceRecordSets'],
  ],
  lambda: [[/^GET \/2016-08-19\/account-settings/, 'GetAccountSettings']],
  guardduty: [
    [/^GET \/detector(?:\?|$)/, 'ListDetectors'],
    [/^GET \/detector\/(\w+)/, 'GetDetector'],
  ],
  s3: [[/^HEAD \/(.+)$/, 'HeadObject']],
};

/** Plays AWS at the edge of the network: the SDK's own clients speak their protocols with it. */
export async function startStandIn(answers: Answers): Promise<StandIn> {
  const operations: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const [, service = ''] =
      /Credential=[^/]+\/\d+\/[\w-]+\/([\w-]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const body = await text(request);
    const [operation, input] = read(
      service,
      `${request.method} ${request.url}`,
      body,
      request.headers['x-amz-target'],
    );
    operations.push(`${service}:${operation}`);
    const answer = answers[`${service}:${operation}`];
    const output = answer
      ? answer(input)
      : new Refusal('InvalidAction', 400, `${service}:${operation} is not played`);
    if (output === undefined) return;
    const { status, headers, content } = write(service, operation, output);
    response.writeHead(status, headers).end(content);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function read(
  service: string,
  line: string,
  body: string,
  target: unknown,
): [operation: string, input: Input] {
  if (typeof target === 'string') return [target.split('.').at(-1) ?? '', JSON.parse(body)];
  const rest = REST[service];
  if (rest) {
    const [pattern, operation] = rest.find(([pattern]) => pattern.test(line)) ?? [/^/, line];
    return [operation, { path: pattern.exec(line)?.[1], query: line.split('?')[1] }];
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return [form['Action'] ?? line, form];
}

function write(service: string, operation: string, output: unknown) {
  const refused = output instanceof Refusal;
  const status = refused ? output.status : 200;
  const isXml = QUERY.includes(service) || service === 'ec2' || service === 'route53';
  if (!isXml) {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      ...(refused ? { 'x-amzn-errortype': output.code } : {}),
      ...(service === 's3' ? (output as Record<string, string>) : {}),
    };
    const content = JSON.stringify(refused ? { __type: output.code, message: output.message } : output);
    return service === 's3'
      ? { status, headers: refused ? {} : headers, content: '' }
      : { status, headers, content };
  }
  const error = refused && { Code: output.code, Message: output.message };
  const content = error
    ? service === 'ec2'
      ? xml({ Response: { Errors: { Error: error }, RequestID: 'r' } })
      : xml({ ErrorResponse: { Error: error, RequestId: 'r' } })
    : QUERY.includes(service)
      ? xml({ [`${operation}Response`]: { [`${operation}Result`]: output } })
      : xml({ [`${operation}Response`]: output });
  return { status, headers: { 'content-type': 'text/xml' }, content };
}

/** A list repeats its element. */
function xml(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    return String(value ?? '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;');
  }
  return Object.entries(value)
    .flatMap(([name, one]) => [one].flat().map((item) => `<${name}>${xml(item)}</${name}>`))
    .join('');
}

/** Records by name and type. A name that is missing does not exist; one of which the list is `drop` gets no answer. */
export type Zone = Readonly<Record<string, readonly string[] | 'drop'>>;
const TYPES: Readonly<Record<number, string>> = { 2: 'NS', 257: 'CAA' };

/** Plays a DNS server over UDP (RFC 1035 §4.1) for keys such as `NS example.com`. @returns its address, and its end */
export async function startDns(zone: Zone): Promise<{ readonly address: string; stop(): void }> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const found = zone[`${TYPES[type]} ${labels.join('.')}`];
    if (found === 'drop') return;
    const header = Buffer.from(query.subarray(0, 12));
    // A response, recursion available; NXDOMAIN if the zone has nothing.
    header.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(found?.length ?? 0, 6);
    header.fill(0, 8);
    const records = (found ?? []).map((text) => record(type, type === 2 ? nameOf(text) : caa(text)));
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...records]), from.port, from.address);
  });
  await once(socket.bind(0, '127.0.0.1'), 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, stop: () => socket.close() };
}

/** A record of the name that was asked, which a pointer repeats. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.from([
    0xc0,
    12,
    type >> 8,
    type & 255,
    0,
    1,
    0,
    0,
    0,
    60,
    data.length >> 8,
    data.length & 255,
  ]);
  return Buffer.concat([head, data]);
}

function nameOf(host: string): Buffer {
  return Buffer.from(
    [...host.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`), '\0'].join(''),
    'latin1',
  );
}

/** RFC 8659 §4.1: flags, the length of the tag, the tag, the value. */
function caa(text: string): Buffer {
  const [tag = '', value = ''] = text.split(' ');
  return Buffer.from(`\0${String.fromCharCode(tag.length)}${tag}${value}`, 'latin1');
}
