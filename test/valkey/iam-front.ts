import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { type SignedIn, signerOf } from '../service/support/elasticache-token.ts';

export interface IamFrontOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  /** Plain port of the server behind it. */
  readonly port: number;
  /** The user's password there, which only this proxy knows. */
  readonly password: string;
  /** Secret key of the permitted role. */
  readonly secretAccessKey: string;
}

export interface IamFront {
  readonly port: number;
  /** The users that were authenticated, in order; refused tokens are left out. */
  readonly signIns: (SignedIn | undefined)[];
  /** Other first commands of connections. */
  readonly others: string[];
  close(): Promise<void>;
}

/** `AUTH user password`, as the first command of a connection. */
const AUTH = /^\*3\r\n\$4\r\nAUTH\r\n\$\d+\r\n(.+)\r\n\$\d+\r\n(.+)\r\n/;

/**
 * The proxy that ElastiCache has before a cache: TLS, and authentication with IAM. It replaces a valid token by the
 * password of the user; later commands pass unchanged.
 */
export async function startIamFront(options: IamFrontOptions): Promise<IamFront> {
  const { port, password, secretAccessKey } = options;
  const sockets = new Set<TLSSocket>();
  const signIns: IamFront['signIns'] = [];
  const others: string[] = [];
  const server = createServer(options.tls, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let begun = '';
    socket.on('data', function begin(chunk) {
      begun += chunk.toString('latin1');
      const [auth, name, token = ''] = AUTH.exec(begun) ?? [];
      if (auth === undefined) {
        if (begun.startsWith('*3\r\n$4\r\nAUTH') && begun.length < 4096) return;
        others.push(begun);
        socket.end('-NOAUTH Authentication required.\r\n');
        return;
      }
      socket.off('data', begin);
      const signer = signerOf(token, secretAccessKey);
      signIns.push(signer);
      if (signer === undefined || signer.user !== name) {
        socket.end('-WRONGPASS invalid username-password pair or user is disabled.\r\n');
        return;
      }
      const behind = connect({ host: '127.0.0.1', port }).on('error', () => socket.destroy());
      behind.write(
        `*3\r\n$4\r\nAUTH\r\n$${name.length}\r\n${name}\r\n$${password.length}\r\n${password}\r\n`,
      );
      behind.write(begun.slice(auth.length), 'latin1');
      socket.pipe(behind).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    signIns,
    others,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
