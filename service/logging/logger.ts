import { isNativeError } from 'node:util/types';
import { field } from '../json-field.ts';
import { jsonLine } from './json-line.ts';
import type { LineWriter } from './line-writer.ts';
import { redact } from './redact.ts';

type Level = 'info' | 'warn' | 'error';

/** Operational log. Alarms filter on `event`, so the names of events are part of the contract with the stack. */
export interface Logger {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

const MAX_FIELDS_BYTES = 8 * 1024;

/** A logger of JSON lines `{"type":"log","time","level","event",…}`. Fields are redacted; lines that do not fit are dropped. */
export function createLogger(writer: LineWriter, now: () => number): Logger {
  const log = (level: Level) => (event: string, fields?: Readonly<Record<string, unknown>>) => {
    const safe = fields === undefined ? {} : (redact(fields, MAX_FIELDS_BYTES) as object);
    writer.write(jsonLine({ type: 'log', time: new Date(now()).toISOString(), level, event, ...safe }));
  };
  return { info: log('info'), warn: log('warn'), error: log('error') };
}

/** The fields of an error that an operator needs: name, code, message and where it was thrown. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!isNativeError(error)) return { error: typeof error };
  const code = field(error, 'code');
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message,
    at: frames.slice(0, 6).map((line) => line.trim().slice(3)),
  };
}
