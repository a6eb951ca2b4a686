const HOUR_MS = 3_600_000;

/** Posts of one client that were refused for one reason. */
export interface RefusedPosts {
  readonly clientId: string;
  /** The last part of the problem's type: `validation-failed`. */
  readonly reason: string;
  readonly count: number;
}

/** The same, with who it was; null where the client is no longer kept. */
export interface RefusedPostsOf extends RefusedPosts {
  readonly clientName: string | null;
}

const ADD = `insert into refused_posts (client_id, reason, hour, count)
  select value ->> 'clientId', value ->> 'reason', ?2, value ->> 'count' from json_each(?1) where true
  on conflict (client_id, reason, hour) do update set count = count + excluded.count`;

const LISTED = `select client_id as clientId, reason, sum(refused_posts.count) as count, clients.name as clientName
  from refused_posts left join clients on clients.id = client_id`;

/** What was posted and refused: an operator sees it although nothing of the posts is left. */
export function createRefusedPostStore(db: D1Database) {
  return {
    /** Counts posts as refused in the hour of `at` (epoch ms). Not to be carried out twice: each time adds. */
    async add(posts: readonly RefusedPosts[], at: number): Promise<void> {
      await db
        .prepare(ADD)
        .bind(JSON.stringify(posts), at - (at % HOUR_MS))
        .run();
    },

    /** All that were ever refused, of clients that there are: these sums never go down. */
    async totals(): Promise<RefusedPostsOf[]> {
      const statement = db.prepare(`${LISTED} group by client_id, reason order by client_id, reason`);
      return (await statement.all<RefusedPostsOf>()).results;
    },

    /** Those since the hour of `since` (epoch ms), of one client or of all (null); most first. */
    async since(since: number, clientId: string | null): Promise<RefusedPostsOf[]> {
      const statement = db.prepare(
        `${LISTED} where hour >= ?1 and (?2 is null or client_id = ?2) group by client_id, reason order by 3 desc, 1, 2`,
      );
      const found = await statement.bind(since - (since % HOUR_MS), clientId).all<RefusedPostsOf>();
      return found.results;
    },
  };
}

export type RefusedPostStore = ReturnType<typeof createRefusedPostStore>;

/** Hours before `before` (epoch ms) are added up in one, and those of clients that are gone forgotten. In one transaction. */
export function forgetRefusedPosts(db: D1Database, before: number): readonly D1PreparedStatement[] {
  return [
    db.prepare('delete from refused_posts where client_id not in (select id from clients)'),
    db
      .prepare(
        `insert into refused_posts (client_id, reason, hour, count)
         select client_id, reason, 0, sum(count) from refused_posts where hour > 0 and hour < ?1 group by client_id, reason
         on conflict (client_id, reason, hour) do update set count = count + excluded.count`,
      )
      .bind(before),
    db.prepare('delete from refused_posts where hour > 0 and hour < ?1').bind(before),
  ];
}
