/** Next calls this once a server, and lets requests wait for it. */
export async function register(): Promise<void> {
  // Around the import: the build for the edge runtime then leaves it out.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { migrate } = await import('./lib/migrate');
    await migrate();
  }
}
