/** A queue of entries, ready to be taken and finished. */
export interface QueueInTest {
  readonly name: string;
  /** One of its databases. */
  readonly url: string;
  /** Leaves exactly so many entries, vacuumed and analysed. */
  fill(entries: number): Promise<void>;
  /** Takes and finishes all of them, and returns how many milliseconds that took. */
  drain(workers: number, batch: number): Promise<number>;
  /** How many are left. */
  left(): Promise<number>;
  close(): Promise<void>;
}

/** What an upload needs to know, for the queues that carry it along with the entry. */
export function payload(index: number): Record<string, unknown> {
  return {
    conversion_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    conversion_type: 'qualified',
    conversion_value: 100,
    conversion_currency: 'EUR',
    idempotency_key: `D-${index}:qualified`,
    crm_deal_id: `D-${index}`,
    gclid: `gclid-${index}`,
  };
}
