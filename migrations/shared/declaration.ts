/** What a database declares to older and newer versions of the package. */
export interface Declaration {
  /** The package version whose migrations are all applied. */
  readonly release: string;
  /** The last migration of that release. */
  readonly head: string;
  /** The lowest package version that this schema is backward compatible with. */
  readonly compatibleFrom: string;
}
