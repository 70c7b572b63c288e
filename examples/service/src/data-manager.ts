import {
  type ClaimedConversion,
  GOOGLE_ADS_RETRY_LATER_MS,
  type GoogleAdsOutcome,
  googleAdsOutcome,
} from 'conversion-tracking-schema/queue';
import { type ApiError, readError } from './data-manager-error.ts';
import type { DataManagerSettings } from './settings.ts';

/** What became of entries that were sent. */
export type UploadResult = Taken | Refused;

/** Google has them. */
export interface Taken {
  readonly taken: true;
  readonly ids: readonly string[];
  /** Undefined where an earlier request had brought them. */
  readonly requestId: string | undefined;
}

/** Google does not have them. */
export interface Refused {
  readonly taken: false;
  readonly ids: readonly string[];
  readonly code: string;
  readonly message: string;
  /** It would be refused again, always. */
  readonly permanent: boolean;
  /** Undefined: as the queue does by itself, after a growing wait. */
  readonly retryAt: Date | undefined;
}

/**
 * For all requests of a batch: less than the grace period in which a stopped process has to end, and
 * far less than the lease.
 */
const TIMEOUT_MS = 20_000;

/**
 * Sends conversions to `events:ingest` of Google's Data Manager API. One invalid event makes it
 * refuse the whole request, so the others are sent again without it; where it is not named, both
 * halves are sent again.
 *
 * @throws where no answer came
 */
export async function uploadConversions(
  settings: DataManagerSettings,
  entries: readonly ClaimedConversion[],
  signal = AbortSignal.timeout(TIMEOUT_MS),
): Promise<readonly UploadResult[]> {
  if (entries.length === 0) return [];
  const response = await fetch(`${settings.baseUrl}/v1/events:ingest`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await settings.accessToken()}`,
    },
    body: JSON.stringify(requestOf(settings, entries)),
    signal,
  });
  if (response.ok) {
    const { requestId } = (await response.json()) as { requestId?: string };
    return [{ taken: true, ids: entries.map(({ id }) => id), requestId }];
  }
  const error = await readError(response);
  const refused = entries.flatMap(({ id }, index) => {
    const code = error.events.get(index);
    return code === undefined ? [] : [resultOf([id], code, googleAdsOutcome(code), error)];
  });
  if (refused.length > 0) {
    const others = entries.filter((_, index) => !error.events.has(index));
    return [...refused, ...(await uploadConversions(settings, others, signal))];
  }
  if (error.isOfSomeEvent && entries.length > 1) {
    const middle = Math.ceil(entries.length / 2);
    const halves = [entries.slice(0, middle), entries.slice(middle)];
    const results: UploadResult[] = [];
    for (const half of halves) {
      // What became of one half is to be kept where no answer comes to the other.
      const sent = uploadConversions(settings, half, signal);
      results.push(...(await sent.catch((reason: unknown) => [noAnswer(half, reason)])));
    }
    return results;
  }
  // Whose fault it is can be told of a single one alone.
  const outcome = entries.length === 1 ? googleAdsOutcome(error.code) : 'retry';
  return [
    resultOf(
      entries.map(({ id }) => id),
      error.code,
      outcome,
      error,
    ),
  ];
}

/** To be tried again; of those that were taken after all, Google then says so. */
function noAnswer(entries: readonly ClaimedConversion[], reason: unknown): Refused {
  return {
    taken: false,
    ids: entries.map(({ id }) => id),
    code: 'NO_ANSWER',
    message: String(reason),
    permanent: false,
    retryAt: undefined,
  };
}

function resultOf(
  ids: readonly string[],
  code: string,
  outcome: GoogleAdsOutcome,
  { message, retryAt }: ApiError,
): UploadResult {
  if (outcome === 'complete') return { taken: true, ids, requestId: undefined };
  const later = new Date(Date.now() + GOOGLE_ADS_RETRY_LATER_MS);
  return {
    taken: false,
    ids,
    code,
    message,
    permanent: outcome === 'permanent',
    retryAt: outcome === 'retry_later' ? later : retryAt,
  };
}

function requestOf(settings: DataManagerSettings, entries: readonly ClaimedConversion[]): object {
  return {
    destinations: Object.entries(settings.conversionActions).map(([reference, action]) => ({
      reference,
      operatingAccount: { accountType: 'GOOGLE_ADS', accountId: settings.accountId },
      productDestinationId: action,
    })),
    events: entries.map(eventOf),
    encoding: 'HEX',
  };
}

/** What is undefined is left out of the JSON. */
function eventOf(entry: ClaimedConversion): object {
  const consent = (given: 'granted' | 'denied' | null) =>
    given === null ? undefined : `CONSENT_${given.toUpperCase()}`;
  return {
    destinationReferences: [entry.conversion_type],
    // By this Google knows a conversion that it is sent twice.
    transactionId: entry.idempotency_key,
    eventTimestamp: entry.converted_at.toISOString(),
    eventSource: 'WEB',
    currency: entry.conversion_currency ?? undefined,
    conversionValue: entry.conversion_value === null ? undefined : Number(entry.conversion_value),
    adIdentifiers: entry.gclid ? { gclid: entry.gclid } : undefined,
    userData: entry.email_hash
      ? { userIdentifiers: [{ emailAddress: entry.email_hash }] }
      : undefined,
    consent: {
      adUserData: consent(entry.consent_ad_user_data),
      adPersonalization: consent(entry.consent_ad_personalization),
    },
  };
}
