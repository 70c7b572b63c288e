import { identifier } from '../../db/quoting.ts';
import type {
  Catalogue,
  Exposure,
  Overload,
  SearchPathSetting,
  Unqualified,
} from '../../schema/catalogue.ts';
import { SERVICE_ROLES } from '../../schema/scope.ts';
import { readableName } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';

const EXPOSURE_CODES = {
  view: 'VIEW_EXPOSES',
  function: 'FUNCTION_EXPOSES',
  publication: 'TABLE_PUBLISHED',
  role: 'ROLE_HAS_ACCESS',
} as const;

/** Returns findings about objects and roles that are not the package's own. */
export function environmentFindings(actual: Catalogue, schema: string): StagedFinding[] {
  return [
    ...actual.overloads.map(overloadFinding),
    ...actual.rolesWithoutUsage.map((role) => usageFinding(role, schema)),
    ...actual.rolesWithCreate.map((role) => createFinding(role, schema)),
    ...actual.rolesWithoutBypassRls.map(bypassFinding),
    ...actual.exposures.map(exposureFinding),
    ...actual.unqualified.map(unqualifiedFinding),
    ...actual.searchPaths.map(searchPathFinding),
  ];
}

function overloadFinding({ object, routine, owner }: Overload): StagedFinding {
  return {
    stage: STAGE.first,
    code: 'FUNCTION_CONFLICT',
    object,
    expected: "no other function with the name of one of the package's",
    found: `owned by ${owner}: calls with untyped arguments may run it instead`,
    fix: `DROP ROUTINE ${routine};`,
  };
}

function usageFinding(role: string, schema: string): StagedFinding {
  return {
    stage: STAGE.access,
    code: 'SCHEMA_USAGE_MISSING',
    object: `schema ${readableName(schema)}`,
    expected: `${role} has USAGE`,
    found: `${role} lacks USAGE`,
    fix: `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${role};`,
  };
}

function createFinding(role: string, schema: string): StagedFinding {
  return {
    stage: STAGE.access,
    code: role === 'PUBLIC' ? 'SCHEMA_CREATE_PUBLIC' : 'SCHEMA_CREATE_GRANTED',
    object: `schema ${readableName(schema)}`,
    expected: `${role} lacks CREATE`,
    found: `${role} has CREATE: it can create functions that untyped calls run instead`,
    fix: `REVOKE CREATE ON SCHEMA ${identifier(schema)} FROM ${role};`,
  };
}

function bypassFinding(role: string): StagedFinding {
  const isMember = !SERVICE_ROLES.includes(role);
  return {
    stage: STAGE.access,
    code: 'ROLE_LACKS_BYPASSRLS',
    object: `role ${role}`,
    expected: 'bypasses row level security',
    found: isMember
      ? `inherits the privileges of ${SERVICE_ROLES.join(', ')}, but not BYPASSRLS: it sees no row`
      : 'sees no row',
    // BYPASSRLS holds in every database of the server: giving it to a member is the operator's decision.
    fix: isMember
      ? `Let it act as a role that bypasses row level security (ALTER ROLE ${role} SET role = '${SERVICE_ROLES[0]}'), or run ALTER ROLE ${role} BYPASSRLS.`
      : `ALTER ROLE ${role} BYPASSRLS;`,
  };
}

function unqualifiedFinding(one: Unqualified): StagedFinding {
  return {
    stage: STAGE.rest,
    code: 'FUNCTION_UNQUALIFIED',
    object: `function ${one.function}`,
    expected: 'a search_path of its own, or names with their schemas',
    found: `names ${one.table} without a schema; ${one.caller} runs it within the package's functions`,
    fix: `ALTER FUNCTION ${one.function} SET search_path = ${one.schema}, pg_temp;`,
  };
}

/** The fix is a sentence: a role may set its own search path, and would write into a statement. */
function searchPathFinding({ target, setting }: SearchPathSetting): StagedFinding {
  return {
    stage: STAGE.before,
    code: 'SEARCH_PATH_UNSAFE',
    object: `search_path of ${target.replace(/^DATABASE .*/, 'the database').replace(/^ROLE/, 'role')}`,
    expected: 'a search path without pg_catalog, which then comes first',
    found: `${setting}: functions and operators of another schema are found before the server's own`,
    fix: `Set it without pg_catalog: ALTER ${target} SET search_path = …`,
  };
}

function exposureFinding(exposure: Exposure): StagedFinding {
  return {
    stage: STAGE.access,
    code: EXPOSURE_CODES[exposure.kind],
    object: exposure.object,
    expected: 'only the owner and service_role reach the tables',
    found: `${exposure.reason}; accessible to ${exposure.roles.join(', ')}`,
    fix: exposureFix(exposure),
  };
}

/** Revoking the grant option revokes what a role has granted on. */
function exposureFix({ target, roles, grantors, fix }: Exposure): string {
  if (target === null) return `${fix};`;
  return [
    ...grantors.map((role) => `REVOKE GRANT OPTION FOR ALL ON ${target} FROM ${role} CASCADE;`),
    `REVOKE ALL ON ${target} FROM ${roles.join(', ')} CASCADE;`,
  ].join('\n');
}
