import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';

/** Which way a message goes. */
export type Direction = 'toServer' | 'toClient';

/** Where a connection breaks: counted in whole messages of PostgreSQL's protocol, from 1. */
export interface Cut {
  readonly direction: Direction;
  readonly message: number;
  /** `after`: the message has arrived, and the sockets are closed; `before`: reset instead of it. */
  readonly when: 'before' | 'after';
}

/** What went through since the last `arm()`. */
export interface Traffic {
  /** Message types, by the protocol's own letters; the startup message has none: `-`. */
  readonly toServer: string[];
  readonly toClient: string[];
  cut: boolean;
}

/** A TCP proxy in front of a server, which breaks connections at a given message. */
export interface CuttingProxy {
  /** The server's URL, through the proxy. */
  readonly url: string;
  /** Starts counting anew, and breaks the connection at `cut`, once; without one, never. */
  arm(cut?: Cut): Traffic;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port. The client must not ask for TLS. */
export async function startProxy(serverUrl: string): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  let order: Cut | undefined;
  let traffic = newTraffic();

  const server = createServer((client) => {
    const upstream = tcpConnect(Number(target.port || 5432), target.hostname);
    const lines = [
      { direction: 'toServer', from: client, to: upstream },
      { direction: 'toClient', from: upstream, to: client },
    ] as const;
    let broken = false;
    const breakBoth = (how: 'before' | 'after') => {
      for (const socket of [client, upstream]) {
        if (how === 'after') socket.destroy();
        else socket.resetAndDestroy();
      }
    };
    for (const { direction, from, to } of lines) {
      const framing = new Framing(direction === 'toServer');
      open.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('close', () => {
        open.delete(from);
        // What has been passed on still arrives.
        if (!broken) to.end();
      });
      from.on('data', (chunk) => {
        if (broken) return;
        const passed: Buffer[] = [];
        for (const message of framing.push(chunk)) {
          const { type, bytes } = message;
          traffic[direction].push(type);
          const hit =
            order?.direction === direction && order.message === traffic[direction].length
              ? order.when
              : undefined;
          if (hit !== 'before') passed.push(bytes);
          if (hit === undefined) continue;
          broken = true;
          order = undefined;
          traffic.cut = true;
          if (passed.length === 0) breakBoth(hit);
          else to.write(Buffer.concat(passed), () => breakBoth(hit));
          return;
        }
        if (passed.length > 0) to.write(Buffer.concat(passed));
      });
    }
  });
  const port = await listen(server);
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    arm(cut) {
      order = cut;
      traffic = newTraffic();
      return traffic;
    },
    stop: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function newTraffic(): Traffic {
  return { toServer: [], toClient: [], cut: false };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}

interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream into messages: a type byte, then a length that counts itself. */
class Framing {
  #rest = Buffer.alloc(0);
  #startup: boolean;

  /** @param startsUp - whether the first message is the startup message, which has no type byte */
  constructor(startsUp: boolean) {
    this.#startup = startsUp;
  }

  *push(chunk: Buffer): Generator<Message> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#startup ? 0 : 1;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < length) return;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      const type = this.#startup ? '-' : String.fromCharCode(bytes[0] ?? 0);
      this.#startup = false;
      yield { type, bytes };
    }
  }
}
