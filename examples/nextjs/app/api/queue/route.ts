import { queue } from '../../../lib/queue';

export const dynamic = 'force-dynamic';

/** How the upload queue is: numbers alone, nothing of a visitor or a lead. */
export async function GET(): Promise<Response> {
  const rows = await queue().conversionQueueHealth({ platform: 'google_ads' });
  return Response.json(rows.map(({ status, entries, overdue }) => ({ status, entries, overdue })));
}
