import { PostgrestClient } from '@supabase/postgrest-js';
import { describe, expectTypeOf, test } from 'vitest';
import type { Database, Tables, WithTracking } from '../../src/supabase.ts';
import type { QueueStatus } from '../../src/types/rows.ts';

// The compiler is what judges here: `npm run check`. No request is sent.

type None = { [_ in never]: never };

type Table<Row, Relationships extends unknown[] = []> = {
  Row: Row;
  Insert: Partial<Row>;
  Update: Partial<Row>;
  Relationships: Relationships;
};

/** An application's own, as its generator has written it before there were any tracking tables. */
type Before = {
  __InternalSupabase: { PostgrestVersion: '13.0.4' };
  public: {
    Tables: { leads: Table<{ id: string; email: string }>; teams: Table<{ name: string }> };
    Views: { open_leads: { Row: { id: string | null }; Relationships: [] } };
    Functions: { greet: { Args: { name: string }; Returns: string } };
    Enums: { colour: 'red' | 'blue' };
    CompositeTypes: None;
  };
};

/** And afterwards: with a column and a foreign key of its own on a table of ours. */
type After = {
  public: {
    Tables: Before['public']['Tables'] & {
      conversions: Table<
        { id: string; lead_id: string; conversion_type: string; team: string | null },
        [
          {
            foreignKeyName: 'conversions_lead_id_fkey';
            columns: ['lead_id'];
            isOneToOne: false;
            referencedRelation: 'leads';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'conversions_team_fkey';
            columns: ['team'];
            isOneToOne: false;
            referencedRelation: 'teams';
            referencedColumns: ['name'];
          },
        ]
      >;
    };
    Views: None;
    Functions: {
      record_conversion: { Args: { lead_id: string }; Returns: Record<string, unknown> };
    };
    Enums: None;
    CompositeTypes: None;
  };
};

const clientOf = <Of>() => new PostgrestClient<Of>('http://localhost');

type Data<Query> = Query extends PromiseLike<{ data: infer Found }> ? NonNullable<Found> : never;

describe('WithTracking', () => {
  test("adds the tables and functions to an application's own", () => {
    const client = clientOf<WithTracking<Before>>();
    const visitors = client.from('visitors').select();
    expectTypeOf<Data<typeof visitors>>().toEqualTypeOf<Tables<'visitors'>[]>();
    const claimed = client.rpc('claim_conversions');
    expectTypeOf<Data<typeof claimed>[number]['gclid']>().toEqualTypeOf<string | null>();
  });

  test('leaves everything else as it was', () => {
    type Merged = WithTracking<Before>['public'];
    expectTypeOf<Merged['Views']>().toEqualTypeOf<Before['public']['Views']>();
    expectTypeOf<Merged['Enums']>().toEqualTypeOf<Before['public']['Enums']>();
    expectTypeOf<WithTracking<Before>['__InternalSupabase']>().toEqualTypeOf<{
      PostgrestVersion: '13.0.4';
    }>();
    const client = clientOf<WithTracking<Before>>();
    const greeting = client.rpc('greet', { name: 'Ada' });
    expectTypeOf<Data<typeof greeting>>().toEqualTypeOf<string>();
    const leads = client.from('conversions').select('id, leads(email)');
    expectTypeOf<Data<typeof leads>>().toEqualTypeOf<{ id: string; leads: { email: string } }[]>();
  });

  test('makes exact what the generator has written, and keeps what the application has added', () => {
    const client = clientOf<WithTracking<After>>();
    const conversions = client.from('conversions').select('conversion_type, team, teams(name)');
    expectTypeOf<Data<typeof conversions>>().toEqualTypeOf<
      {
        conversion_type: 'qualified' | 'closed';
        team: string | null;
        teams: { name: string } | null;
      }[]
    >();
    const recorded = client.rpc('record_conversion', { lead_id: '', conversion_type: 'closed' });
    expectTypeOf<Data<typeof recorded>['is_new']>().toEqualTypeOf<boolean>();
    client.from('conversions').insert({
      lead_id: '',
      conversion_type: 'closed',
      idempotency_key: 'D-1:closed',
      team: 'north',
    });
    // @ts-expect-error There is no such type of conversion.
    client.from('conversions').update({ conversion_type: 'won' });
    // @ts-expect-error A conversion has a key.
    client.from('conversions').insert({ lead_id: '', conversion_type: 'closed', team: 'north' });
  });

  test('serves code that knows the application alone, and code that knows the tracking tables alone', () => {
    type Row = WithTracking<After>['public']['Tables']['conversions']['Row'];
    expectTypeOf<Row>().toExtend<After['public']['Tables']['conversions']['Row']>();
    expectTypeOf<Row>().toExtend<Tables<'conversions'>>();
    expectTypeOf<PostgrestClient<WithTracking<Before>>>().toExtend<PostgrestClient<Before>>();
    expectTypeOf<PostgrestClient<WithTracking<None>>>().toExtend<PostgrestClient<Database>>();
  });

  test('takes a schema of their own, with leads in it only where public has none', () => {
    const client = clientOf<WithTracking<Before, 'tracking'>>().schema('tracking');
    const queue = client.from('conversion_queue').select('status, conversions(gclid)');
    expectTypeOf<Data<typeof queue>>().toEqualTypeOf<
      { status: QueueStatus; conversions: { gclid: string | null } }[]
    >();
    type Added<Host extends object> = keyof WithTracking<Host, 'tracking'>['tracking']['Tables'];
    expectTypeOf<Extract<Added<Before>, 'leads'>>().toBeNever();
    expectTypeOf<Added<None>>().toEqualTypeOf<keyof Database['public']['Tables']>();
    expectTypeOf<WithTracking<Before, 'tracking'>['public']>().toEqualTypeOf<Before['public']>();
  });
});

test('Database takes the name of a schema', () => {
  const client = new PostgrestClient<Database<'tracking'>>('http://localhost', {
    schema: 'tracking',
  });
  const leads = client.from('conversions').select('leads(id)');
  expectTypeOf<Data<typeof leads>>().toEqualTypeOf<{ leads: { id: string } }[]>();
  expectTypeOf<Database<'tracking'>['tracking']>().toEqualTypeOf<Database['public']>();
});

test('an application whose own Database is not found still has the types of the tracking tables', () => {
  type Missing = ReturnType<typeof JSON.parse>;
  expectTypeOf<WithTracking<Missing>>().toEqualTypeOf<Database>();
  expectTypeOf<WithTracking<Missing, 'tracking'>>().toEqualTypeOf<Database<'tracking'>>();
});
