import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type Attack, brokenPromises, expectedTo, readAttack } from './attack.ts';
import { PROMISES } from './promises.ts';

const header = readFileSync(new URL('./attempts.h', import.meta.url), 'utf8');
const attempts = [...header.matchAll(/^TRY\((\w+), /gm)].map(([, name = '']) => name);
const kept: Attack = {
  attempts,
  open: new Set(expectedTo('open')),
  killed: new Set(),
  writable: ['/dev/shm'],
};

test('every attempt of the probe has one promise, and most are promised to be blocked', () => {
  const promised = PROMISES.flatMap((row) => row.attempts);
  expect([...promised].sort()).toEqual([...attempts].sort());
  expect(expectedTo('blocked').length).toBeGreaterThanOrEqual(60);
});

test('no problem is reported when the promises hold, whatever the engine decides', () => {
  expect(brokenPromises(kept)).toEqual([]);
  expect(brokenPromises({ ...kept, open: new Set([...kept.open, ...expectedTo('engine')]) })).toEqual([]);
});

test('an attempt that is wrongly open or blocked, or was not tried, is reported', () => {
  const open = new Set([...kept.open, 'create_in_tmp']);
  open.delete('fork_process');
  const tried = [...attempts.filter((name) => name !== 'raw_socket'), 'unheard_of'];
  expect(brokenPromises({ ...kept, attempts: tried, open, writable: ['/tmp'] })).toEqual([
    'unheard_of has no promise',
    expect.stringContaining('create_in_tmp is open, expected blocked: the root is read-only'),
    'raw_socket was not tried',
    expect.stringContaining('fork_process is blocked, expected open'),
    '/tmp is writable',
  ]);
});

test('an attempt that a signal ended does not count as blocked', () => {
  const lines = [
    { name: 'mount_tmpfs', state: 'killed', error: 'SEGV' },
    { name: 'mount_proc', state: 'blocked', error: 'SYS' },
    { name: 'fork_process', state: 'open', error: '' },
    { writable: '/dev/shm' },
  ].map((line) => JSON.stringify(line));
  const { open, killed, writable } = readAttack(lines);
  expect([[...open], [...killed], writable]).toEqual([['fork_process'], ['mount_tmpfs'], ['/dev/shm']]);
  expect(brokenPromises({ ...kept, killed: new Set(['mount_tmpfs', 'bpf']) })).toEqual([
    expect.stringMatching(/^mount_tmpfs was ended by a signal/),
    expect.stringMatching(/^bpf was ended by a signal/),
  ]);
});

test('the documentation states their number', () => {
  const read = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  expect(read('verification.md')).toContain(`[${attempts.length} things](../test/container/attempts.h)`);
  expect(read('controls.md')).toContain(`${expectedTo('blocked').length} attempts from inside are blocked`);
});
