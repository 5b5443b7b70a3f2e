import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

/** Twice the limit of the official SDKs. */
const BATCH_LENGTH = 200;
/** The only revision in which a server had to accept batches. */
const WITH_BATCHES = '2025-03-26';

export const jsonRpcBatch: Check = {
  id: 'json-rpc/batch',
  title: 'A batch does not run many requests at once',
  fault: 'A batch runs many requests at once',
  severity: 'medium',
  why: 'A limit that counts HTTP requests does not see the calls in a batch',
  sends: `one batch of ${BATCH_LENGTH} lists`,
  fix: 'Refuse batches, which revision 2025-06-18 removed, or count each of their requests against the limits',
  frameworks: { 'TypeScript SDK': 'handle only requests whose body is no array' },
  reference: 'MCP 2026-07-28 Streamable HTTP, Sending Messages; CWE-770',
  baseline: 'request',
  async run(probe, era) {
    const { body, headers } = baseOf(era);
    const batch = Array.from({ length: BATCH_LENGTH }, (_, id) => ({ ...body, id }));
    const answer = await probe.send({ headers, body: JSON.stringify(batch) });
    const results = answer.messages.filter(({ result }) => result !== undefined).length;
    const said = `batch: ${probe.describe(answer)}`;
    if (results > 1)
      return fail(`${results} results in one response`, era.name === WITH_BATCHES ? 'low' : undefined);
    // An event stream ends for the doctor with its first result.
    if (results === 1) return fail(`a result: ${said}`, era.name === WITH_BATCHES ? 'low' : undefined);
    return answer.failure === 'timeout' ? inconclusive(said) : pass(said);
  },
};
