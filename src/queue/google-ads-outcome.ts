/** How to treat an entry after an error of the platform. */
export type GoogleAdsOutcome = 'complete' | 'retry' | 'retry_later' | 'permanent';

/**
 * What an error is about: the `entry`; the `account` or the settings of the upload, which a person has to
 * correct; or the `moment`, which passes.
 */
export type GoogleAdsFault = 'entry' | 'account' | 'moment';

interface Meaning {
  readonly outcome: GoogleAdsOutcome;
  /** Undefined: there is no fault, Google has the conversion. */
  readonly fault?: GoogleAdsFault;
  readonly codes: readonly string[];
}

const MEANINGS: readonly Meaning[] = [
  {
    outcome: 'complete',
    codes: [
      'CALL_CONVERSION_ALREADY_EXISTS',
      'CLICK_CONVERSION_ALREADY_EXISTS',
      'DUPLICATE_GCLID',
      'DUPLICATE_ORDER_ID',
      'DUPLICATE_TRANSACTION_ID',
      'ORDER_ID_ALREADY_IN_USE',
    ],
  },
  {
    outcome: 'retry',
    fault: 'moment',
    codes: ['DEADLINE_EXCEEDED', 'INTERNAL_ERROR', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE'],
  },
  {
    // Google does not know the click or the conversion action yet.
    outcome: 'retry_later',
    fault: 'moment',
    codes: [
      'CLICK_NOT_FOUND',
      'EVENT_NOT_FOUND',
      'TOO_RECENT_CONVERSION_ACTION',
      'TOO_RECENT_EVENT',
    ],
  },
  {
    outcome: 'retry_later',
    fault: 'account',
    codes: [
      'ACCOUNT_INELIGIBLE_FOR_STORE_SALES',
      'AWS_AUTH_FAILED',
      'CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS',
      'CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS',
      'CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS',
      'CUSTOM_VARIABLE_NOT_ENABLED',
      'CUSTOM_VARIABLE_NOT_FOUND',
      'DECRYPTION_ERROR',
      'DEK_DECRYPTION_ERROR',
      'DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS',
      'DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED',
      'DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS',
      'DESTINATION_ACCOUNT_TYPE_MISMATCH',
      'DIFFERENT_LOGIN_ACCOUNTS_NOT_ALLOWED_FOR_DATA_PARTNER',
      'DUPLICATE_DESTINATION_REFERENCE',
      'EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED',
      'EVENT_SOURCE_AND_DESTINATION_MISMATCH',
      'GOOGLE_ANALYTICS_SUBPROPERTY_OR_ROLLUP_PROPERTY_NOT_ALLOWED',
      'INVALID_CONVERSION_ACTION_ID',
      'INVALID_CONVERSION_ACTION_TYPE',
      'INVALID_DESTINATION',
      'INVALID_KEK',
      'INVALID_PROPERTY_TYPE',
      'INVALID_STREAM_TYPE',
      'INVALID_WIP',
      'KEK_PERMISSION_DENIED',
      'LINKED_ACCOUNT_ONLY_ALLOWED_WITH_DATA_PARTNER_LOGIN_ACCOUNT',
      'MULTIPLE_DESTINATIONS_FOR_GOOGLE_ANALYTICS_EVENT',
      'NOT_ALLOWLISTED',
      'NOT_FOUND',
      // The advertiser's consent to Google, not a visitor's.
      'NO_CONSENT',
      'NO_CONVERSION_ACTION_FOUND',
      'OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH',
      'OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER',
      'PERMISSION_DENIED',
      'TERMS_AND_CONDITIONS_NOT_SIGNED',
      'THIRD_PARTY_USER_DATA_NOT_ALLOWED',
      'TOO_MANY_DESTINATIONS',
      'TOO_MANY_EVENTS',
      'UNAUTHENTICATED',
      'UNAUTHORIZED_CUSTOMER',
      'UNSUPPORTED_LINKED_ACCOUNT_FOR_DATA_PARTNER',
      'UNSUPPORTED_OPERATING_ACCOUNT_FOR_DATA_PARTNER',
      'USER_IDENTIFIER_DECRYPTION_ERROR',
      'WIP_AUTH_FAILED',
    ],
  },
  {
    outcome: 'permanent',
    fault: 'entry',
    codes: [
      'BOTH_CLIENT_ID_AND_APP_INSTANCE_ID_NOT_ALLOWED',
      'CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY',
      'CONVERSION_PRECEDES_EVENT',
      'CUSTOM_VARIABLE_VALUE_CONTAINS_PII',
      'DENIED_CONSENT',
      'EVENT_TIME_INVALID',
      'EVENT_TOO_OLD',
      'EXPIRED_EVENT',
      'FIELD_VALUE_TOO_LONG',
      'FIELD_VALUE_TOO_SHORT',
      'GBRAID_WBRAID_BOTH_SET',
      'INSUFFICIENT_MATCHED_TRANSACTIONS',
      'INSUFFICIENT_TRANSACTIONS',
      'INVALID_BASE64_ENCODING',
      'INVALID_CONTINENT_CODE',
      'INVALID_COUNTRY_CODE',
      'INVALID_COUPON_CODE',
      'INVALID_CURRENCY_CODE',
      'INVALID_CUSTOMER_FOR_CLICK',
      'INVALID_CUSTOM_VARIABLE',
      'INVALID_CUSTOM_VARIABLE_VALUE',
      'INVALID_DEVICE_CATEGORY',
      'INVALID_ENUM_VALUE',
      'INVALID_EVENT',
      'INVALID_EVENT_NAME',
      'INVALID_FORMAT',
      'INVALID_GBRAID',
      'INVALID_GCLID',
      'INVALID_HEX_ENCODING',
      'INVALID_MERCHANT_FEED_LANGUAGE_CODE',
      'INVALID_MERCHANT_ID',
      'INVALID_NUMBER_FORMAT',
      'INVALID_POSTAL_CODE',
      'INVALID_REGION_CODE',
      'INVALID_SHA256_FORMAT',
      'INVALID_SUBCONTINENT_CODE',
      'INVALID_SUBDIVISION_CODE',
      'INVALID_USER_IDENTIFIER',
      'INVALID_WBRAID',
      'NO_IDENTIFIERS_PROVIDED',
      'ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID',
      'ORDER_ID_CONTAINS_PII',
      'REQUIRED_FIELD_MISSING',
      'RESERVED_NAME_USED',
      'TOO_MANY_USER_IDENTIFIERS',
      'UNKNOWN_CONSENT',
      'UNPARSEABLE_GBRAID',
      'UNPARSEABLE_GCLID',
      'UNPARSEABLE_WBRAID',
      'UNSUPPORTED_USER_IDENTIFIER',
    ],
  },
];

/** Of the Data Manager API's results, and of the Google Ads API's errors. */
const PREFIX = /^(?:PROCESSING_ERROR_(?:REASON_)?|\w+Error\.)/;

/** How long Google needs until it knows a click or a conversion action: six hours, in milliseconds. */
export const GOOGLE_ADS_RETRY_LATER_MS = 6 * 60 * 60 * 1000;

/**
 * Returns how to treat an entry after an error code of the Google Ads API or the Data Manager API.
 *
 * @param code - such as `EXPIRED_EVENT`, with or without Google's prefix
 * (`PROCESSING_ERROR_REASON_EVENT_TOO_OLD`, `ConversionUploadError.EXPIRED_EVENT`); unknown codes are retried
 * @returns `complete`: an earlier attempt has uploaded it. `retry`: retry with backoff.
 * `retry_later`: retry after {@link GOOGLE_ADS_RETRY_LATER_MS}. `permanent`: no retry can succeed.
 */
export function googleAdsOutcome(code: string): GoogleAdsOutcome {
  return meaningOf(code)?.outcome ?? 'retry';
}

/**
 * Returns what an error code of the Google Ads API or the Data Manager API is about. Alert on `account`: every
 * conversion fails until a person has acted.
 *
 * @param code - as for {@link googleAdsOutcome}
 * @returns undefined for an unknown code, and for one that says that Google has the conversion
 */
export function googleAdsFault(code: string): GoogleAdsFault | undefined {
  return meaningOf(code)?.fault;
}

/** Returns an error code of Google without its prefix. */
export function googleAdsCode(code: string): string {
  return code.replace(PREFIX, '');
}

function meaningOf(code: string): Meaning | undefined {
  const name = googleAdsCode(code);
  return MEANINGS.find(({ codes }) => codes.includes(name));
}
