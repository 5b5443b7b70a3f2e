import { reader, type Servers } from '../../../test/support/scenarios.ts';

const annotated = (name: string, annotations: object) => ({
  tools: [{ ...reader(name, 'text'), annotations }],
});

export const SERVERS: Servers = {
  fails: annotated('delete_note', { readOnlyHint: true }),
  passes: annotated('list_deleted_posts', { readOnlyHint: true, destructiveHint: false }),
  cannotTell: { tools: [] },
};
