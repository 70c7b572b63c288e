/** The settings of the service, from its environment. */
export interface Settings {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /**
   * The number of your own proxies in front of the service. Only that many hops at the end of
   * X-Forwarded-For are trusted, since every client can send that header.
   */
  readonly trustProxy: number;
  /** Keys the hashes of addresses: `openssl rand -hex 32`. */
  readonly ipHashKey: string;
  /** What the CRM sends as its bearer token. */
  readonly crmToken: string;
  /** How long the upload worker waits after it has found nothing due. */
  readonly uploadIntervalMs: number;
  readonly dataManager: DataManagerSettings;
}

/** The account and the credentials for uploads. */
export interface DataManagerSettings {
  readonly baseUrl: string;
  /** The id of the Google Ads account. */
  readonly accountId: string;
  /** The id of a conversion action for each type of conversion. */
  readonly conversionActions: { readonly qualified: string; readonly closed: string };
  /** Google's tokens expire after an hour: in production, get them from google-auth-library. */
  readonly accessToken: () => Promise<string>;
}

/** Reads the settings. Throws for the first one that is missing, before anything has started. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const required = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set.`);
    return value;
  };
  const accessToken = required('GOOGLE_ACCESS_TOKEN');
  return {
    databaseUrl: required('DATABASE_URL'),
    host: env.HOST ?? '0.0.0.0',
    port: Number(env.PORT ?? 3000),
    trustProxy: hops(env.TRUST_PROXY ?? '0'),
    ipHashKey: required('IP_HASH_KEY'),
    crmToken: required('CRM_TOKEN'),
    uploadIntervalMs: Number(env.UPLOAD_INTERVAL_MS ?? 5_000),
    dataManager: {
      baseUrl: env.DATA_MANAGER_URL ?? 'https://datamanager.googleapis.com',
      accountId: required('GOOGLE_ADS_ACCOUNT_ID'),
      conversionActions: {
        qualified: required('GOOGLE_ADS_ACTION_QUALIFIED'),
        closed: required('GOOGLE_ADS_ACTION_CLOSED'),
      },
      accessToken: async () => accessToken,
    },
  };
}

function hops(text: string): number {
  if (!/^\d$/.test(text)) throw new Error('TRUST_PROXY is not a number of proxies.');
  return Number(text);
}
