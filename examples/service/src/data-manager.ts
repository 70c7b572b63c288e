import {
  type AcceptedEntries,
  type ClaimedConversion,
  type GoogleAdsOutcome,
  googleAdsOutcome,
  type RejectedEntries,
  readRequestStatus,
  type UploadRequestResult,
} from 'conversion-tracking-schema/queue';
import { type ApiError, readError } from './data-manager-error.ts';
import type { DataManagerSettings } from './settings.ts';

/** The outcome of each entry that was sent. */
export type UploadResult = AcceptedEntries | RejectedEntries;

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
    return [{ ids: entries.map(({ id }) => id), request_id: requestId }];
  }
  const error = await readError(response);
  const refused = entries.flatMap(({ id }, index) => {
    const code = error.events.get(index);
    return code === undefined ? [] : [rejectionOf([id], code, googleAdsOutcome(code), error)];
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
      // Keep the outcome of one half if the request of the other fails.
      const sent = uploadConversions(settings, half, signal);
      results.push(...(await sent.catch((reason: unknown) => [noAnswer(half, reason)])));
    }
    return results;
  }
  // Only for a single entry is it known which one is at fault.
  const outcome = entries.length === 1 ? googleAdsOutcome(error.code) : 'retry';
  return [
    rejectionOf(
      entries.map(({ id }) => id),
      error.code,
      outcome,
      error,
    ),
  ];
}

/** To be tried again; of those that were taken after all, Google then says so. */
function noAnswer(entries: readonly ClaimedConversion[], reason: unknown): RejectedEntries {
  const ids = entries.map(({ id }) => id);
  return { ids, error: String(reason), error_code: 'NO_ANSWER', outcome: 'retry' };
}

function rejectionOf(
  ids: readonly string[],
  error_code: string,
  outcome: GoogleAdsOutcome,
  { message, retryAt }: ApiError,
): RejectedEntries {
  return { ids, error: message, error_code, outcome, retry_at: retryAt };
}

/**
 * Asks for the result of a request, with `requestStatus:retrieve`.
 *
 * @throws where no answer came, or Google does not know the request
 */
export async function checkRequest(
  settings: DataManagerSettings,
  requestId: string,
): Promise<UploadRequestResult> {
  const url = new URL('/v1/requestStatus:retrieve', settings.baseUrl);
  url.searchParams.set('requestId', requestId);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${await settings.accessToken()}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error((await readError(response)).code);
  return readRequestStatus(await response.json());
}

function requestOf(settings: DataManagerSettings, entries: readonly ClaimedConversion[]): object {
  const types = new Set(entries.map(({ conversion_type }) => conversion_type));
  return {
    destinations: [...types].map((type) => ({
      reference: type,
      operatingAccount: { accountType: 'GOOGLE_ADS', accountId: settings.accountId },
      productDestinationId: settings.conversionActions[type],
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
