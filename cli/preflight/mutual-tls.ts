import { AskError } from './aws.ts';
import { headObject } from './calls.ts';
import { type Ask, type Check, type Finding, judgeEach, ok, willFail } from './check.ts';

/** Whether the objects exist that ELB reads at the deployment. */
export const mutualTls: Check = {
  name: 'mutual TLS',
  calls: [headObject],
  applies: ({ config }) => config.edge.mutualTls !== undefined,
  run(ask, { config: { edge, region } }) {
    const { caBundle = '', revocationLists = [] } = edge.mutualTls ?? {};
    return judgeEach(
      [caBundle, ...revocationLists],
      (url) => url,
      (url) => judge(ask, url, region),
    );
  },
};

async function judge(ask: Ask, url: string, region: string): Promise<Finding> {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  try {
    const found = await ask(headObject, { Bucket, Key });
    if (found === undefined) return willFail('the object does not exist', `put the file at ${url}`);
    return ok(`${found.ContentLength} bytes`);
  } catch (error) {
    // S3 answers so for a bucket of another region.
    if (!(error instanceof AskError) || error.status !== 301) throw error;
    return willFail('the bucket is in another region', `put the file in a bucket in ${region}`);
  }
}
