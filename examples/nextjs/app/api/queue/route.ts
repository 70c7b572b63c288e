import { isBearer } from '../../../lib/bearer';
import { queue } from '../../../lib/queue';

export const dynamic = 'force-dynamic';

/** How the upload queue is: numbers alone, nothing of a visitor or a lead. */
export async function GET(request: Request): Promise<Response> {
  if (!isBearer(request.headers.get('authorization'), process.env.QUEUE_TOKEN)) {
    return Response.json({ error: 'UNAUTHORIZED' }, { status: 401 });
  }
  const rows = await queue().conversionQueueHealth({ platform: 'google_ads' });
  return Response.json(rows.map(({ status, entries, overdue }) => ({ status, entries, overdue })));
}
