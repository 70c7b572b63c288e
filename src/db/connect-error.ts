import type { Client } from 'pg';
import {
  AuthenticationFailedError,
  InvalidOptionError,
  PermissionDeniedError,
  sqlStateOf,
  TlsFailedError,
  type TrackingSchemaError,
} from '../errors.ts';
import { failed, HINTS, noDatabase } from './connect-failures.ts';
import { poolerError } from './pooler-error.ts';
import { identifier } from './quoting.ts';

/** What a hint depends on: the client that could not connect, where it is known. */
export type ConnectingClient = Pick<Client, 'user' | 'database' | 'ssl' | 'password'>;

/**
 * What may have passed at the next try: connection exceptions, interventions, errors of the system, and
 * internal errors, as which poolers report what they have no code for; no missing file or damaged data.
 */
const MAY_PASS = /^(08|57|58(?!P0)|XX000)/;

/** Returns the typed error for an error while connecting. docs/errors.md has the table. */
export function connectError(cause: unknown, client?: ConnectingClient): TrackingSchemaError {
  const reason = firstOf(cause);
  const sqlState = sqlStateOf(reason);
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : '';
  const message = reason instanceof Error ? reason.message || reason.name : String(reason);
  if (sqlState !== undefined) return serverError(sqlState, message, reason, client);
  if (code === 'ERR_SOCKET_BAD_PORT') {
    return new InvalidOptionError('databaseUrl', 'The port is invalid.', 'Pass 1 to 65535.');
  }
  return (
    tlsError(code, message, reason) ??
    passwordError(message, reason, client) ??
    failed(message, networkHint(code), reason, code !== 'EACCES')
  );
}

/** Node throws an AggregateError without a message where a host has several addresses. */
function firstOf(cause: unknown): unknown {
  return cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
}

function serverError(
  sqlState: string,
  message: string,
  cause: unknown,
  client: ConnectingClient | undefined,
): TrackingSchemaError {
  const pooler = poolerError(sqlState, message, cause);
  if (pooler) return pooler;
  switch (sqlState) {
    case '28P01': // invalid_password
      return new AuthenticationFailedError(`The server refused the login: ${message}.`, {
        hint:
          client && !client.password
            ? HINTS.password
            : 'Correct the user or the password in the database URL. Percent-encode special characters.',
        cause,
      });
    case '28000': // invalid_authorization_specification
      return new AuthenticationFailedError(`The server refused the login: ${message}.`, {
        hint: loginHint(cause, client),
        cause,
      });
    case '3D000': // invalid_catalog_name
    case '57P04': // database_dropped
      return noDatabase(message, cause);
    case '42501': // insufficient_privilege: CONNECT is revoked
      return new PermissionDeniedError(`The role may not connect to the database: ${message}.`, {
        hint: client
          ? `Run: GRANT CONNECT ON DATABASE ${identifier(client.database ?? '')} TO ${identifier(client.user ?? '')};`
          : 'Grant it CONNECT on the database.',
        cause,
      });
    case '55000': // object_not_in_prerequisite_state: a template, or a damaged database
      return failed(message, 'Run ALTER DATABASE … ALLOW_CONNECTIONS true.', cause, false);
    case '57P01': // admin_shutdown
    case '57P02': // crash_shutdown
    case '57P03': // cannot_connect_now
      return failed(message, HINTS.starting, cause, true);
    case '22023': // invalid_parameter_value
    case '42704': // undefined_object: no such parameter
    case '55P02': // cant_change_runtime_param
      return failed(message, HINTS.parameter, cause, false);
    default:
      // Class 53 is insufficient resources, with 53300 for too many connections; 08, connections.
      return sqlState.startsWith('53')
        ? failed(message, HINTS.tooMany, cause, true)
        : failed(message, 'See the log of the server.', cause, MAY_PASS.test(sqlState));
  }
}

/** By the server's function, as the message is translated. */
function loginHint(cause: unknown, client: ConnectingClient | undefined): string {
  const byPgHba =
    cause instanceof Error && 'routine' in cause && cause.routine === 'ClientAuthentication';
  if (!byPgHba) {
    return 'Create the role or grant it LOGIN, or correct the user in the database URL.';
  }
  const allow = 'allow the role, the database and the address in pg_hba.conf';
  return client && !client.ssl
    ? `${HINTS.requireTls.slice(0, -1)}; or ${allow}.`
    : `${allow.charAt(0).toUpperCase()}${allow.slice(1)}.`;
}

/** Returns the error for a failed handshake or an untrusted certificate. */
function tlsError(code: string, message: string, cause: unknown): TlsFailedError | undefined {
  const hint = tlsHint(code, message);
  if (hint === undefined) return undefined;
  return new TlsFailedError(`Could not connect with TLS: ${message}.`, { hint, cause });
}

function tlsHint(code: string, message: string): string | undefined {
  if (message === 'The server does not support SSL connections') {
    return 'Remove sslmode from the database URL, or turn on ssl on the server.';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Connect with a host name that the certificate of the server contains.';
  }
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the certificate of the server.';
  if (/SELF_SIGNED|UNABLE_TO|^CERT_/.test(code)) {
    return 'Add sslrootcert=<file of the CA> to the database URL.';
  }
  return /^(EPROTO|ERR_SSL_|ERR_TLS_|ERR_OSSL_)/.test(code)
    ? 'Check the port, and the files of sslcert, sslkey and sslrootcert.'
    : undefined;
}

/** pg throws errors without a code during the exchange of passwords. */
function passwordError(
  message: string,
  cause: unknown,
  client: ConnectingClient | undefined,
): AuthenticationFailedError | undefined {
  if (!message.startsWith('SASL:')) return undefined;
  const missing = client && !client.password;
  const problem = missing
    ? 'The server asks for a password, and none is given'
    : 'The login failed';
  return new AuthenticationFailedError(`${problem}: ${message}.`, {
    hint: missing ? HINTS.password : 'Correct the password, or the authentication method.',
    cause,
  });
}

function networkHint(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Correct the host in the database URL, or check the DNS server.';
    case 'ECONNREFUSED':
      return 'Check that the server runs, and correct host and port in the database URL.';
    case 'ENOENT':
      return 'Check that the server runs, and correct the socket folder in the database URL.';
    case 'EACCES':
      return 'Allow the user of this process to open the socket.';
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return 'Check the network. Where the host has only IPv6 addresses, use a pooler with IPv4.';
    case 'ETIMEDOUT':
      return 'Check host, port and firewalls, or raise connect_timeout.';
    default:
      return 'Check that host and port are those of a PostgreSQL server, and see its log.';
  }
}
