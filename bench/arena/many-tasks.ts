import type { Miniflare } from 'miniflare';
import { OLD_COLUMNS } from '../../src/store/task-columns.ts';

type Database = Awaited<ReturnType<Miniflare['getD1Database']>>;

const DAY_MS = 86_400_000;
/** Rows of one insert, so that none takes long. */
const ROWS_AT_ONCE = 10_000;

/** Brings the number of running tasks to `count`, all of them due at `now` and submitted a minute before. */
export async function insertRunning(db: Database, count: number, now: number): Promise<void> {
  const there = Number(await db.prepare('select count(*) as n from tasks').first('n'));
  for (let from = there; from < count; from += ROWS_AT_ONCE) {
    const to = Math.min(count, from + ROWS_AT_ONCE);
    await db
      .prepare(
        `insert into tasks (id, client_id, account_id, model, input, metadata, created_at, deadline_at, revision, due_at,
           state, tries, upstream_task_id, submitted_at, callback_url, callback_host, callback_format, ${OLD_COLUMNS.join(', ')})
         with recursive row (n) as (select ?1 union all select n + 1 from row where n + 1 < ?2)
         select printf('task_%020d', n), 'client_' || (n % 10), 'operator', 'seedance-2.0-reference-to-video',
           '{"prompt":"A red fox walks through fresh snow","resolution":"720p","duration":5}', '{}', ?3 - 60000, ?3 + ${DAY_MS},
           1, ?3, 'running', 0, printf('task_%020d', n), ?3 - 60000, 'http://127.0.0.1:9/hook', '127.0.0.1:9', 'event',
           ${OLD_COLUMNS.map(() => '0').join(', ')}
         from row`,
      )
      .bind(from, to, now)
      .run();
  }
  await db.prepare('update tasks set due_at = ?1, leased_until = 0').bind(now).run();
}
