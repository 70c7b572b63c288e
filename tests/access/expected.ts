import type { FoundObject } from './objects.ts';

/** What a check has looked at, and whatever should not be so, a line each. */
export interface Checked {
  readonly checked: number;
  readonly holes: readonly string[];
}

/** Every table of the package, the placeholder and the migrations table with them. */
export const TABLES: readonly string[] = [
  'conversion_queue',
  'conversions',
  'leads',
  'tracking_events',
  'tracking_migrations',
  'upload_requests',
  'visitors',
];

/** What is to be right in a database. */
export interface Expected {
  /** Objects that were there before the migrations; see inventory(). */
  readonly before: readonly string[];
  /** Who has migrated. */
  readonly owner: string;
}

const ROW_PRIVILEGES = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
/** relkind of what holds rows. */
export const TABLE_KINDS = ['r', 'p'];

/** A privilege that a role has, or may have. */
export interface Asked {
  readonly role: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Nobody but service_role, and that not more than to use rows. Owners are not asked about. */
export function mayHold(
  { role, privilege, grantable }: Asked,
  { kind, detail }: FoundObject,
): boolean {
  if (role !== 'service_role' || grantable) return false;
  switch (kind) {
    case 'relation':
    case 'column':
      return TABLE_KINDS.includes(detail) && ROW_PRIVILEGES.includes(privilege);
    case 'function':
      return detail !== 'trigger';
    case 'schema':
      return privilege === 'USAGE';
    default:
      return false;
  }
}
