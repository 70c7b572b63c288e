import { createServer, type Socket, connect as tcpConnect } from 'node:net';

/** A network between the clients and a server. */
export interface DelayProxy {
  /** The same database, through the proxy. */
  through(url: string): string;
  stop(): Promise<void>;
}

/**
 * Passes everything on after half a round trip. The first bytes of a client wait for a whole one
 * more, as they would for the TCP handshake, which a proxy cannot delay.
 */
export async function startDelayProxy(serverUrl: string, roundTripMs: number): Promise<DelayProxy> {
  const { hostname, port: serverPort } = new URL(serverUrl);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = tcpConnect({ host: hostname, port: Number(serverPort), allowHalfOpen: true });
    const oneWayMs = roundTripMs / 2;
    passOn(client, upstream, oneWayMs, roundTripMs);
    passOn(upstream, client, oneWayMs, 0);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    through: (url) => {
      const proxied = new URL(url);
      proxied.hostname = '127.0.0.1';
      proxied.port = String(address.port);
      return proxied.href;
    },
    stop: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Timers of one duration fire in their order, so nothing overtakes. */
function passOn(from: Socket, to: Socket, delayMs: number, firstMs: number): void {
  let waitMs = delayMs + firstMs;
  from.on('data', (chunk) => {
    setTimeout(() => {
      waitMs = delayMs;
      if (to.writable) to.write(chunk);
    }, waitMs);
  });
  from.on('end', () => setTimeout(() => to.end(), waitMs));
  from.on('error', () => to.destroy());
}
