/** How to treat an entry after an error of the platform. */
export type GoogleAdsOutcome = 'complete' | 'retry' | 'retry_later' | 'permanent';

const OUTCOMES: Readonly<Record<Exclude<GoogleAdsOutcome, 'retry'>, readonly string[]>> = {
  complete: [
    'ORDER_ID_ALREADY_IN_USE',
    'CLICK_CONVERSION_ALREADY_EXISTS',
    'DUPLICATE_TRANSACTION_ID',
    'DUPLICATE_GCLID',
  ],
  retry_later: ['TOO_RECENT_EVENT', 'TOO_RECENT_CONVERSION_ACTION'],
  permanent: [
    'INVALID_GCLID',
    'UNPARSEABLE_GCLID',
    'EXPIRED_EVENT',
    'EVENT_TOO_OLD',
    'CONVERSION_PRECEDES_EVENT',
    'DENIED_CONSENT',
    'INVALID_USER_IDENTIFIER',
    'ORDER_ID_CONTAINS_PII',
  ],
};

/** How long Google needs until it knows a click or a conversion action: six hours, in milliseconds. */
export const GOOGLE_ADS_RETRY_LATER_MS = 6 * 60 * 60 * 1000;

/**
 * Returns how to treat an entry after an error code of the Google Ads API or the Data Manager API.
 *
 * @param code - such as `EXPIRED_EVENT`; unknown codes are retried
 * @returns `complete`: an earlier attempt has uploaded it. `retry`: retry with backoff.
 * `retry_later`: retry after {@link GOOGLE_ADS_RETRY_LATER_MS}. `permanent`: no retry can succeed.
 */
export function googleAdsOutcome(code: string): GoogleAdsOutcome {
  const found = Object.entries(OUTCOMES).find(([, codes]) => codes.includes(code));
  return (found?.[0] as GoogleAdsOutcome | undefined) ?? 'retry';
}
