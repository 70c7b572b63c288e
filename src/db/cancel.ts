import { Socket } from 'node:net';
import type { ClientBase } from 'pg';
import pg from 'pg';
import { socketOf } from './client-internals.ts';

/** How long the request may take, in milliseconds: a connection that hangs must not hold up the call. */
const CANCEL_TIMEOUT_MS = 500;

/** What clients and connections of pg have and its types leave out. */
interface Cancellable {
  readonly host?: string;
  readonly port?: number;
  readonly ssl?: unknown;
  readonly sslNegotiation?: string;
  readonly processID?: number | null;
  readonly secretKey?: number | null;
}

interface WireConnection {
  readonly stream: { destroy(): void };
  on(event: string, listener: () => void): void;
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/**
 * Asks the server, over a second connection, to cancel the statement that the client is waiting for:
 * a session that waits for a lock does not notice that its client is gone. Never throws.
 */
export async function cancelStatement(client: ClientBase & Cancellable): Promise<void> {
  const { host = '', port = 0, ssl, sslNegotiation, processID, secretKey } = client;
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const Connection = pg.Connection as unknown as new (config: object) => WireConnection;
  const connection = new Connection({ ssl, sslNegotiation, stream: socketToSameServer(client) });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CANCEL_TIMEOUT_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    connection.on('error', done);
    connection.on('end', done);
    const cancel = () => connection.cancel(processID, secretKey);
    if (!ssl) connection.on('connect', cancel);
    else if (sslNegotiation !== 'direct') connection.on('connect', () => connection.requestSsl());
    connection.on('sslconnect', cancel);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
  connection.stream.destroy();
}

/**
 * Returns a socket that connects to the server of the client, whatever the host name resolves to now.
 * The name stays the one that the certificate has to contain.
 */
function socketToSameServer(client: ClientBase): Socket {
  const socket = new Socket();
  const { remoteAddress: host, remotePort: port } = socketOf(client) ?? {};
  if (host === undefined || port === undefined) return socket;
  const connect = socket.connect.bind(socket);
  return Object.assign(socket, { connect: () => connect({ host, port }) });
}
