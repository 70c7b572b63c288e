import { expect, test } from 'vitest';
import { createRole } from '../support/database.ts';
import { createApplication, runCli, SHIPPED } from './application.ts';

test('gives new objects the owner of the tables where another member of that role migrates', async () => {
  const { database, role, cli } = await createApplication();
  expect(await cli('up', '3', ...SHIPPED)).toMatchObject({ code: 0 });
  const member = await createRole();
  await database.query(`GRANT ${role} TO ${member.name}`);
  const url = database.urlFor(member.name, member.password);
  expect(await runCli(url, 'up', ...SHIPPED)).toMatchObject({ code: 0 });
  const owners = await database.query(`
    SELECT DISTINCT pg_get_userbyid(owner) AS owner FROM (
      SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
      UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace) o`);
  expect(owners).toEqual([{ owner: role }]);
});
