import type { QueueHealth } from '../queue/index.ts';
import type { QueueHealthReading } from './read-queue-health.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  /** Null: no sample. */
  readonly measure: (row: QueueHealth) => number | Date | null;
  /** Whether there is one sample for each status, or one for the platform. */
  readonly byStatus: boolean;
}

const METRICS: readonly Metric[] = [
  {
    name: 'conversion_queue_entries',
    help: 'Entries of the upload queue. Estimated beyond 10,000.',
    measure: ({ entries }) => entries,
    byStatus: true,
  },
  {
    name: 'conversion_queue_leased_entries',
    help: 'Entries with a lease that has not expired, of the 10,000 that are due first.',
    measure: ({ leased }) => leased,
    byStatus: true,
  },
  {
    name: 'conversion_queue_overdue_entries',
    help: 'Entries that are due and not leased, of the 10,000 that are due first.',
    measure: ({ overdue }) => overdue,
    byStatus: true,
  },
  {
    name: 'conversion_queue_oldest_due_timestamp_seconds',
    help: 'When the oldest overdue entry became due. Absent if none is overdue.',
    measure: ({ oldest_due }) => oldest_due,
    byStatus: true,
  },
  {
    name: 'conversion_queue_unconfirmed_entries',
    help: 'Uploaded entries of the 10,000 oldest requests without a final result.',
    measure: ({ unconfirmed }) => unconfirmed,
    byStatus: false,
  },
  {
    name: 'conversion_queue_oldest_unconfirmed_timestamp_seconds',
    help: 'When the oldest of these requests was recorded. Absent if there is none.',
    measure: ({ oldest_unconfirmed }) => oldest_unconfirmed,
    byStatus: false,
  },
  {
    name: 'conversion_queue_expired_requests',
    help: 'Upload requests that expired without a final result, at most 10,000.',
    measure: ({ expired_requests }) => expired_requests,
    byStatus: false,
  },
];

/** Formats the health of the queue in the text format of Prometheus. Times are Unix seconds. */
export function prometheusText({ now, health }: QueueHealthReading): string {
  const lines = METRICS.flatMap((metric) => {
    const rows = metric.byStatus ? health : health.filter(({ status }) => status === 'uploaded');
    const samples = rows.flatMap((row) => {
      const value = metric.measure(row);
      const labels = [
        `platform="${escaped(row.platform)}"`,
        ...(metric.byStatus ? [`status="${row.status}"`] : []),
      ];
      return value === null ? [] : [`${metric.name}{${labels.join(',')}} ${numberOf(value)}`];
    });
    return samples.length === 0 ? [] : [...headOf(metric), ...samples];
  });
  const read = {
    name: 'conversion_queue_read_timestamp_seconds',
    help: 'When the queue was read.',
  };
  return [...lines, ...headOf(read), `${read.name} ${numberOf(now)}`, ''].join('\n');
}

function headOf({ name, help }: Pick<Metric, 'name' | 'help'>): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
}

function numberOf(value: number | Date): number {
  return value instanceof Date ? value.getTime() / 1000 : value;
}

function escaped(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
