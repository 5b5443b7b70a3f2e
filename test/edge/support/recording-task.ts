import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSelfSignedCertificate } from '../../../service/serve/self-signed.ts';

export interface RecordingTask {
  readonly port: number;
  /** Headers of the requests that reached it. */
  readonly seen: IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** A task that records the requests that reach it. */
export async function startRecordingTask(): Promise<RecordingTask> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer(await createSelfSignedCertificate(), ({ headers }, response) => {
    seen.push(headers);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
