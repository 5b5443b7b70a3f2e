import { type AccessList, createAccessList } from '../../../service/auth/access-list.ts';

const quiet = () => {};

/** The production list of a document that denies these. */
export function accessList(deny: object): Promise<AccessList> {
  const value = JSON.stringify({ deny });
  return createAccessList({
    document: async () => ({ value, readAt: 0 }),
    now: Date.now,
    logger: { info: quiet, warn: quiet, error: quiet },
  });
}
