import { createSecretKey } from 'node:crypto';
import { ERRORS } from '../../service/errors.ts';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import type { Hit } from '../service/support/leak-search.ts';
import type { Fate } from './connection.ts';
import { FRAMED_SOURCES, type FuzzRequest } from './requests.ts';

/** Problems, and the figures of a run. */
export interface Verdict {
  readonly problems: readonly string[];
  readonly statuses: ReadonlyMap<number, number>;
  /** Requests whose response must have their id, and responses with an id, including those to damaged bytes. */
  readonly audited: number;
  readonly answered: number;
  readonly records: number;
  /** Records without a response that was read; all belong to damaged bytes. */
  readonly orphans: number;
  readonly damaged: number;
}

const BUSY = Object.values(ERRORS).flatMap(({ status, message }) => (status === 503 ? [message] : []));

/** Checks responses against requests as they arrive, and both against the audit log at the end. */
export function createLedger(search: (output: Buffer) => Hit[]) {
  const problems: string[] = [];
  const statuses = new Map<number, number>();
  const answered = new Set<string>();
  let audited = 0;
  let damaged = 0;

  function leaks(output: string, where: string): void {
    const kinds = new Set(search(Buffer.from(output, 'latin1')).map(({ needle }) => needle.kind));
    for (const kind of kinds) problems.push(`the ${kind} in ${where}`);
  }

  return {
    problems,
    take({ framed, audited: named, bytes }: FuzzRequest, { answer, surplus }: Fate): void {
      const status = answer?.status ?? 0;
      const { requestIds = [], text = '' } = answer ?? {};
      const shown = JSON.stringify(bytes.toString('latin1').slice(0, 1500));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (named) audited += 1;
      if (!framed) damaged += 1;
      if (status >= 500 && !(status === 503 && BUSY.some((message) => text.includes(message)))) {
        problems.push(`${status}: ${text.slice(-300)} to ${shown}`);
      }
      if (framed && requestIds.length !== (named ? 1 : 0)) {
        problems.push(`${requestIds.length} request ids in the answer ${status} to ${shown}`);
      }
      if (framed && answer === undefined) problems.push(`no answer to ${shown}`);
      if (framed && surplus !== '') problems.push(`${surplus.slice(0, 300)} besides the answer to ${shown}`);
      for (const requestId of requestIds) {
        if (answered.has(requestId)) problems.push(`request ${requestId} is answered again: ${shown}`);
        answered.add(requestId);
      }
      leaks(text + surplus, `an answer to ${shown}`);
    },

    close(auditLog: string, log: string, auditKey: string): Verdict {
      const chain = createChainCheck({ key: createSecretKey(Buffer.from(auditKey)) });
      const recorded = new Set<string>();
      let ofFramed = 0;
      let orphans = 0;
      for (const line of auditLog.split('\n').filter(Boolean)) {
        const problem = chain.add(line);
        if (problem !== undefined) problems.push(problem);
        const { requestId, sourceIp } = JSON.parse(line) as { requestId: string; sourceIp: string };
        if (recorded.has(requestId)) problems.push(`request ${requestId} has two records`);
        recorded.add(requestId);
        if (FRAMED_SOURCES.includes(sourceIp)) ofFramed += 1;
        if (answered.has(requestId)) continue;
        orphans += 1;
        if (FRAMED_SOURCES.includes(sourceIp)) problems.push(`a record without a response: ${line}`);
      }
      for (const requestId of answered) {
        if (!recorded.has(requestId)) problems.push(`request ${requestId} has no record`);
      }
      if (ofFramed !== audited) problems.push(`${ofFramed} records of ${audited} requests that are whole`);
      if (orphans > damaged)
        problems.push(`${orphans} records without an answer, ${damaged} damaged requests`);
      leaks(auditLog, 'the audit log');
      leaks(log, 'the log');
      const records = chain.records;
      return { problems, statuses, audited, answered: answered.size, records, orphans, damaged };
    },
  };
}
