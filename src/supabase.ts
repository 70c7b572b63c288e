import type { Database } from './types/supabase.ts';

export type { Database, Json } from './types/supabase.ts';

type Tracking = Database['public'];

/** A row of a table, as the API gives it: `Tables<'visitors'>`. */
export type Tables<Name extends keyof Tracking['Tables']> = Tracking['Tables'][Name]['Row'];

/** What an insert into a table takes. */
export type TablesInsert<Name extends keyof Tracking['Tables']> =
  Tracking['Tables'][Name]['Insert'];

/** What an update of a table sets. */
export type TablesUpdate<Name extends keyof Tracking['Tables']> =
  Tracking['Tables'][Name]['Update'];

/**
 * Your own generated `Database` with the tables and functions of this package in it: added where your
 * generator has not seen them, made exact where it has. Columns and relationships of your own on these
 * tables stay, and so does `leads` where it is yours; everything else is as it was.
 *
 * @typeParam Host - what `supabase gen types` has written
 * @typeParam SchemaName - the schema that holds the tracking tables
 * @example
 * // Database is your own.
 * const supabase = createClient<WithTracking<Database>>(url, secretKey);
 */
export type WithTracking<Host extends object, SchemaName extends string = 'public'> =
  IsAny<Host> extends true
    ? Database<SchemaName>
    : {
        [Name in keyof Host | SchemaName]: Name extends SchemaName
          ? SchemaWithTracking<At<Host, Name>, HasLeads<Host, Name>>
          : At<Host, Name>;
      };

/** Whether a type could not be found: everything would be any, and nothing checked. */
type IsAny<Type> = unknown extends Type ? true : false;

type SchemaWithTracking<Host, ApplicationHasLeads> = Over<
  Over<Tracking, Host>,
  {
    Tables: TablesWithTracking<
      At<Host, 'Tables'>,
      ApplicationHasLeads extends true ? Omit<Tracking['Tables'], 'leads'> : Tracking['Tables']
    >;
    Functions: Over<At<Host, 'Functions'>, Tracking['Functions']>;
  }
>;

/** Whether the conversions of a schema refer to a table of the application's: it is there, or in public. */
type HasLeads<Host, SchemaName> = 'leads' extends
  | keyof At<At<Host, SchemaName>, 'Tables'>
  | keyof At<At<Host, 'public'>, 'Tables'>
  ? true
  : false;

type TablesWithTracking<Host, Ours> = Over<
  Host,
  {
    [Name in keyof Ours]: Name extends keyof Host
      ? TableWithTracking<Host[Name], Ours[Name]>
      : Ours[Name];
  }
>;

/** The relationships are the application's: it may have added some, or have `leads` in another schema. */
type TableWithTracking<Host, Ours> = Over<
  Host,
  { [Part in 'Row' | 'Insert' | 'Update']: Over<At<Host, Part>, At<Ours, Part>> }
>;

/** The second one's properties, and of the first those that it lacks. */
type Over<Base, Top> = Flat<Omit<Base, keyof Top> & Top>;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };

/** A property, or an object without any where there is none. */
type At<Type, Key> = Key extends keyof Type ? Type[Key] : { [_ in never]: never };
