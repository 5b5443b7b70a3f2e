import { startOf } from '../well-formed.ts';
import type { Logger } from './logger.ts';

/** Writes one line to the operator's log. @param fields are redacted and bounded */
type Write = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** The log of a call, for a tool's handler. */
export interface ToolLog {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** Most lines of one call; the last one says that there were more. */
const MAX_LINES = 100;
const MAX_MESSAGE = 256;

/**
 * The log of one call. Its lines have the event `tool_log`, whatever the tool writes, because alarms filter on events; the
 * tool's own fields are in the member `fields`.
 */
export function createToolLog(
  logger: Logger,
  { tool, requestId }: { readonly tool: string; readonly requestId: string },
): ToolLog {
  let lines = 0;
  const write =
    (level: keyof Logger): Write =>
    (message, fields) => {
      lines += 1;
      if (lines > MAX_LINES) return;
      if (lines === MAX_LINES)
        logger.warn('tool_log', { tool, requestId, message: 'no more lines of this call' });
      else logger[level]('tool_log', { tool, requestId, message: startOf(message, MAX_MESSAGE), fields });
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
