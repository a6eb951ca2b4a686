import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** Console sessions that ended before their time. A session that goes on has no row. */
export function createSessionStore(db: D1Database, patience: Patience) {
  return {
    /** @param until when it would have ended by itself (epoch ms): it is remembered for so long. */
    async end(id: string, until: number): Promise<void> {
      const statement = db
        .prepare('insert into ended_sessions (id, until) values (?1, ?2) on conflict do nothing')
        .bind(id, until);
      await retried(patience, async () => await statement.run());
    },

    async hasEnded(id: string): Promise<boolean> {
      return (await db.prepare('select 1 from ended_sessions where id = ?1').bind(id).first()) !== null;
    },
  };
}

export type SessionStore = ReturnType<typeof createSessionStore>;
