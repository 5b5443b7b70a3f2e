import { createSecretKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { AuditLog } from '../../service/logging/audit-log.ts';
import { createCallLog } from '../../service/logging/call-log.ts';
import type { LineWriter } from '../../service/logging/line-writer.ts';
import type { Logger } from '../../service/logging/logger.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/data.md', root), 'utf8');
const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));

/** The members of the line that a call of `write` writes. */
function membersOf(write: (writer: LineWriter) => void): string[] {
  let line = '';
  const writer = {
    queuedBytes: 0,
    capacityBytes: 1e6,
    broken: false,
    write: (text: string) => (line = text),
  };
  write(writer as unknown as LineWriter);
  return Object.keys(JSON.parse(line));
}

const silent: Logger = { info() {}, warn() {}, error() {} };
const names = { tool: 't', resource: 'u', prompt: 'p' };
const call = { requestId: 'r', traceId: 't', clientId: 'c', userId: 'u', ...names, host: 'h' };

test('names every field of an audit record', () => {
  const members = membersOf((writer) => {
    const key = createSecretKey(Buffer.alloc(32));
    new AuditLog({ writer, key, now: () => 0, logger: silent }).record({
      ...call,
      ...{ sourceIp: '192.0.2.1', protocolVersion: 'v', method: 'm', arguments: {}, finalHost: 'f' },
      ...{ outcome: 'ok', errorCode: 'e', reason: 'r', durationMs: 1, resultBytes: 1 },
    });
  });
  expect(members.length).toBeGreaterThanOrEqual(21);
  expect(members.filter((member) => !named.has(member))).toEqual([]);
});

test('names every field of the line at the start of a call', () => {
  const members = membersOf((writer) => createCallLog(writer, () => 0)(call));
  expect(members.filter((member) => !named.has(member))).toEqual([]);
});

test('names every event of the service and its functions', () => {
  const events = ['service', 'functions'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(new URL(`${folder}/${name}`, root), 'utf8');
        const calls = /logger(?:\.(?:info|warn|error)|\[[^\]]+\])\(\s*'(\w+)'/g;
        return [...text.matchAll(calls), ...text.matchAll(/[eE]vent(?:: | = )'(\w+)'[,;]/g)];
      })
      .map(([, event = '']) => event),
  );
  expect(new Set(events).size).toBeGreaterThan(25);
  expect([...new Set(events)].filter((event) => !named.has(event))).toEqual([]);
});
