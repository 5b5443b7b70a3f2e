import { createSecretKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createChainCheck } from '../../service/logging/audit-chain.ts';

interface Line {
  readonly requestId: string;
  readonly outcome: string;
  readonly errorCode?: string;
}

export interface Expected {
  /** The required content of the record of each request with a response, by request id. */
  readonly byId: ReadonlyMap<string, string>;
  /** Number of requests without a response that must have a record with this content. */
  readonly unanswered: ReadonlyMap<string, number>;
}

/** Checks an audit log against the sent requests: one record for each request, and one chain. */
export async function checkAudit(
  file: string,
  key: string,
  { byId, unanswered }: Expected,
): Promise<{ readonly records: number; readonly problems: string[] }> {
  const chain = createChainCheck({ key: createSecretKey(Buffer.from(key)) });
  const problems: string[] = [];
  const missing = new Map(byId);
  const others = new Map(unanswered);
  let records = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    records += 1;
    const broken = chain.add(text);
    if (broken !== undefined) problems.push(broken);
    const { requestId, outcome, errorCode } = JSON.parse(text) as Line;
    const said = errorCode === undefined ? outcome : `${outcome} ${errorCode}`;
    const expected = missing.get(requestId);
    if (expected === undefined) {
      if (byId.has(requestId)) problems.push(`request ${requestId} has two records`);
      else others.set(said, (others.get(said) ?? 0) - 1);
    } else if (expected !== said) {
      problems.push(`the record of ${requestId} says ${said}, not ${expected}`);
    }
    missing.delete(requestId);
  }
  for (const [id, said] of missing) problems.push(`request ${id} (${said}) has no record`);
  for (const [said, left] of others) {
    if (left > 0) problems.push(`${left} requests without an answer lack a record that says ${said}`);
    if (left < 0) problems.push(`${-left} records say ${said} and belong to no request`);
  }
  return { records, problems };
}
