import { describe, expect, test } from '@jest/globals';
import {
  MAX_ACCESS_BYTES,
  MAX_DENIED,
  NOTHING_DENIED,
  parseAccessDocument,
} from '../../../service/auth/access-document.ts';
import { ACCESS_REFRESH_MS, createAccessList } from '../../../service/auth/access-list.ts';
import { STORE_TIMEOUT_MS } from '../../../service/secrets/sources.ts';
import { createMemoryLog } from '../support/oauth-app.ts';

const documentOf = (deny: unknown) => JSON.stringify({ deny });

describe('the document', () => {
  test('denies nothing when it is empty', () => {
    expect(parseAccessDocument(NOTHING_DENIED).deny).toEqual({
      ...{ users: [], clients: [], tools: [], protocolVersions: [] },
    });
  });

  test.each([
    ['hunter2', 'the access list is not JSON'],
    ['{}', 'the access list is not usable: deny: Invalid input: expected object, received undefined'],
    [documentOf({ user: [] }), 'the access list is not usable: deny: has an unknown member'],
    [documentOf({ users: [{ id: 'a', hunter2: 1 }] }), 'deny.users.0: has an unknown member'],
    [documentOf({ users: ['ann'] }), 'deny.users.0: Invalid input: expected object, received string'],
    [documentOf({ users: [{ id: 'ann@example.com' }] }), 'deny.users.0.id: must be a userId'],
    [documentOf({ clients: [{ id: 'a b' }] }), 'deny.clients.0.id: must be 1 to 512 printable ASCII'],
    [documentOf({ protocolVersions: [{ id: 'old' }] }), 'deny.protocolVersions.0.id: must be a revision'],
    [documentOf({ tools: [{ id: 'a', expiresAt: 'soon' }] }), 'deny.tools.0.expiresAt: Invalid ISO datetime'],
    [documentOf({ tools: [{ id: 'a', reason: 'a\nb' }] }), 'deny.tools.0.reason: must be 1 to 200'],
    [documentOf({ tools: Array(MAX_DENIED + 1).fill({ id: 'a' }) }), `deny.tools: Too big`],
    [`${NOTHING_DENIED}${' '.repeat(MAX_ACCESS_BYTES)}`, `must have at most ${MAX_ACCESS_BYTES} bytes`],
  ])('%.60s is refused, and nothing of it is repeated', (text, problem) => {
    expect(() => parseAccessDocument(text)).toThrow(problem);
    expect(() => parseAccessDocument(text)).not.toThrow(/hunter2|ann@/);
  });
});

describe('the list', () => {
  /** A list over a store whose text the test changes; an Error is a read that fails. */
  async function listOf(first: string) {
    const store: { text: string | Error } = { text: first };
    const log = createMemoryLog();
    const list = await createAccessList({
      async document() {
        if (store.text instanceof Error) throw store.text;
        return { value: store.text, readAt: 0 };
      },
      now: Date.now,
      logger: log,
    });
    const change = async (text: string | Error) => {
      store.text = text;
      await list.refresh();
    };
    return { list, log, change };
  }
  const ANN = documentOf({ users: [{ id: 'ann' }] });

  test('does not start without a usable document: a new task would accept those who were cut off', async () => {
    await expect(listOf('{')).rejects.toThrow('the access list is not JSON');
    const down = async () => Promise.reject(new Error('down'));
    await expect(
      createAccessList({ document: down, now: Date.now, logger: createMemoryLog() }),
    ).rejects.toThrow('down');
  });

  test('logs a change once, with the number of entries and without their names', async () => {
    const { list, log, change } = await listOf(NOTHING_DENIED);
    await change(NOTHING_DENIED);
    expect(log.lines).toEqual([]);
    await change(ANN);
    await change(ANN);
    expect(list.isDenied('users', 'ann')).toBe(true);
    expect(log.lines.map((line) => JSON.parse(line))).toEqual([
      {
        ...{ level: 'warn', event: 'access_list_changed' },
        ...{ users: 1, clients: 0, tools: 0, protocolVersions: 0 },
      },
    ]);
  });

  test('keeps the last good document in force while a later one is unusable or unreadable, and logs each reading', async () => {
    const { list, log, change } = await listOf(ANN);
    for (const bad of ['hunter2', 'hunter2', '', NOTHING_DENIED.slice(1), new Error('down')]) {
      await change(bad);
      expect(list.isDenied('users', 'ann')).toBe(true);
    }
    expect(log.lines.map((line) => JSON.parse(line).event)).toEqual(Array(5).fill('access_list_invalid'));
    expect(log.lines.join()).not.toContain('hunter2');
    await change(NOTHING_DENIED);
    expect(list.isDenied('users', 'ann')).toBe(false);
  });

  test('a change is in force within 30 s, also if the store is slow', () => {
    // A change right after a read waits for the next one.
    expect(ACCESS_REFRESH_MS + 2 * STORE_TIMEOUT_MS).toBeLessThan(30_000);
  });

  test('of two entries with one id, the later end counts', async () => {
    const over = { id: 'ann', expiresAt: '2020-01-01T00:00:00Z' };
    const { list, change } = await listOf(documentOf({ users: [{ id: 'ann' }, over] }));
    expect(list.isDenied('users', 'ann')).toBe(true);
    await change(documentOf({ users: [over, { id: 'ann' }] }));
    expect(list.isDenied('users', 'ann')).toBe(true);
    await change(documentOf({ users: [over] }));
    expect(list.isDenied('users', 'ann')).toBe(false);
  });
});
