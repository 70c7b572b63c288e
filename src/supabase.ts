import type { Database } from './types/supabase.ts';

export type { Database, Json } from './types/supabase.ts';

type Tracking = Database['public'];

/** A row of a table as the API returns it: `Tables<'visitors'>`. */
export type Tables<Name extends keyof Tracking['Tables']> = Tracking['Tables'][Name]['Row'];

/** The values of an insert into a table. */
export type TablesInsert<Name extends keyof Tracking['Tables']> =
  Tracking['Tables'][Name]['Insert'];

/** The values of an update of a table. */
export type TablesUpdate<Name extends keyof Tracking['Tables']> =
  Tracking['Tables'][Name]['Update'];

/**
 * Adds the tables and functions of this package to your generated `Database`, or corrects those that the
 * generator has found. Keeps your own columns and relationships of these tables, your own `leads`, and
 * everything else.
 *
 * @typeParam User - the `Database` that `supabase gen types` has generated
 * @typeParam SchemaName - the schema that holds the tracking tables
 * @example
 * // Database is your generated type.
 * const supabase = createClient<WithTracking<Database>>(url, secretKey);
 */
export type WithTracking<User extends object, SchemaName extends string = 'public'> =
  IsAny<User> extends true
    ? Database<SchemaName>
    : {
        [Name in keyof User | SchemaName]: Name extends SchemaName
          ? SchemaWithTracking<At<User, Name>, HasLeads<User, Name>>
          : At<User, Name>;
      };

/** Whether a type could not be resolved: it would be any, and nothing would be checked. */
type IsAny<Type> = unknown extends Type ? true : false;

type SchemaWithTracking<User, ApplicationHasLeads> = Over<
  Over<Tracking, User>,
  {
    Tables: TablesWithTracking<
      At<User, 'Tables'>,
      ApplicationHasLeads extends true ? Omit<Tracking['Tables'], 'leads'> : Tracking['Tables']
    >;
    Functions: Over<At<User, 'Functions'>, Tracking['Functions']>;
  }
>;

/** Whether conversions reference a `leads` table of the application, in the same schema or in public. */
type HasLeads<User, SchemaName> = 'leads' extends
  | keyof At<At<User, SchemaName>, 'Tables'>
  | keyof At<At<User, 'public'>, 'Tables'>
  ? true
  : false;

type TablesWithTracking<User, Ours> = Over<
  User,
  {
    [Name in keyof Ours]: Name extends keyof User
      ? TableWithTracking<User[Name], Ours[Name]>
      : Ours[Name];
  }
>;

/** Keeps the application's relationships: it may have added some, or have `leads` in another schema. */
type TableWithTracking<User, Ours> = Over<
  User,
  { [Part in 'Row' | 'Insert' | 'Update']: Over<At<User, Part>, At<Ours, Part>> }
>;

/** The properties of both types; those of the second take precedence. */
type Over<Base, Top> = Flat<Omit<Base, keyof Top> & Top>;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };

/** The type of a property, or an empty object if there is none. */
type At<Type, Key> = Key extends keyof Type ? Type[Key] : { [_ in never]: never };
