/**
 * What an Edge Function finds around it, and Node has not. Its requests come from the environment, and
 * its answers go to stdout. supabase-js wants a WebSocket for Realtime, which Node has since 22, and
 * opens none here.
 */
export const AROUND = `
globalThis.WebSocket ??= class {};
globalThis.Deno = {
  env: { get: (name) => process.env[name] },
  serve: async (handler) => {
    const answers = [];
    for (const { headers, body } of JSON.parse(process.env.REQUESTS)) {
      const request = { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await handler(new Request('http://localhost', request));
      answers.push([response.status, await response.text()]);
    }
    process.stdout.write(JSON.stringify(answers), () => process.exit());
  },
};
`;

/** The types of what is used of it. */
export const AROUND_TYPES = `declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(handler: (request: Request) => Promise<Response>): void;
};
`;

/** Deno gets packages by `npm:`, Node from its folder. */
export function forNode(source: string): string {
  return source.replace(/'npm:(@?[^@']+)(@\d+)?'/g, "'$1'");
}
