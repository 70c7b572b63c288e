/** What to do about an entry after the platform has answered with an error. */
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

/** How long to wait where Google does not know the click or the action yet: six hours, in ms. */
export const GOOGLE_ADS_RETRY_LATER_MS = 6 * 60 * 60 * 1000;

/**
 * What an error code of the Google Ads API or the Data Manager API asks for.
 *
 * @param code - such as `EXPIRED_EVENT`; one that is not known is worth another try
 * @returns `complete`: Google has it already, by an earlier try. `retry`: after a growing wait.
 * `retry_later`: after {@link GOOGLE_ADS_RETRY_LATER_MS}. `permanent`: it would never be taken.
 */
export function googleAdsOutcome(code: string): GoogleAdsOutcome {
  const found = Object.entries(OUTCOMES).find(([, codes]) => codes.includes(code));
  return (found?.[0] as GoogleAdsOutcome | undefined) ?? 'retry';
}
