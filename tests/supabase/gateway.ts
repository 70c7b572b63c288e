import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { PostgRest } from '../support/postgrest.ts';

/** The address by which supabase-js knows a project. */
export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves PostgREST as a project's gateway does: below a path. The caller stops it. */
export async function startGateway(api: PostgRest): Promise<Gateway> {
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const onward = send(
      `${api.url}${url.replace('/rest/v1', '')}`,
      { method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.once('error', (error) => response.destroy(error));
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gateway has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
