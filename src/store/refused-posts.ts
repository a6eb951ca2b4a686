const HOUR_MS = 3_600_000;

/** So many posts of a client that were refused for one reason. */
export interface RefusedPost {
  readonly clientId: string;
  /** The last part of the problem's type: `validation-failed`. */
  readonly reason: string;
  readonly count: number;
}

/** The same, with who it was; null where the client is no longer kept. */
export interface RefusedPostOf extends RefusedPost {
  readonly clientName: string | null;
}

const ADD = `insert into refused_posts (client_id, reason, count)
  select value ->> 'clientId', value ->> 'reason', value ->> 'count' from json_each(?1) where true
  on conflict (client_id, reason) do update set count = count + excluded.count`;

const ADD_TO_HOUR = `insert into refused_hours (client_id, reason, hour, count)
  select value ->> 'clientId', value ->> 'reason', ?2, value ->> 'count' from json_each(?1) where true
  on conflict (client_id, reason, hour) do update set count = count + excluded.count`;

/** By a seek for each client and reason, so that hours of before are not read. */
const sinceOf = (
  clientId: string | null,
) => `select clientId, reason, refused.count as count, clients.name as clientName
  from (select posts.client_id as clientId, posts.reason as reason, sum(hours.count) as count
    from refused_posts as posts cross join refused_hours as hours
      on hours.client_id = posts.client_id and hours.reason = posts.reason and hours.hour >= ?1
    where ${clientId === null ? '?2 is null' : 'posts.client_id = ?2'} group by posts.client_id, posts.reason) as refused
  left join clients on clients.id = clientId order by 3 desc, 1, 2`;

/** What was posted and refused: an operator sees it although nothing of the posts is left. */
export function createRefusedPostStore(db: D1Database) {
  return {
    /** Counts posts as refused, in all and in the hour of `at` (epoch ms). Carried out twice it adds them twice. */
    async add(posts: readonly RefusedPost[], at: number): Promise<void> {
      const json = JSON.stringify(posts);
      await db.batch([db.prepare(ADD).bind(json), db.prepare(ADD_TO_HOUR).bind(json, at - (at % HOUR_MS))]);
    },

    /** Those since the hour of `since` (epoch ms), of one client or of all (null); most first. */
    async since(since: number, clientId: string | null): Promise<RefusedPostOf[]> {
      const found = await db
        .prepare(sinceOf(clientId))
        .bind(since - (since % HOUR_MS), clientId)
        .all<RefusedPostOf>();
      return found.results;
    },
  };
}

export type RefusedPostStore = ReturnType<typeof createRefusedPostStore>;

/** Forgets hours before `before` (epoch ms), and all of clients that are gone. */
export function forgetRefusedPosts(db: D1Database, before: number): readonly D1PreparedStatement[] {
  return [
    db.prepare('delete from refused_posts where client_id not in (select id from clients)'),
    db
      .prepare('delete from refused_hours where hour < ?1 or client_id not in (select id from clients)')
      .bind(before),
  ];
}
