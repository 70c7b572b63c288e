/** Roles that have privileges on the tables, where they exist. */
export const INSIDERS: readonly string[] = ['service_role'];

/** Roles that a stranger on the Internet acts as: they must reach nothing, in whatever way. */
export const OUTSIDERS: readonly string[] = ['anon', 'authenticated'];
