import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { creditsUsed, dayOf } from '../../src/domain/usage.ts';
import type { EndedTask } from '../../src/domain/task.ts';
import { fromRow } from '../../src/store/task-row.ts';
import type { TaskRow } from '../../src/store/task-columns.ts';
import { holdsForAllInTime } from '../support/properties.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOUR_MS = 3_600_000;

/** What a task says of itself, as its owner is told. */
interface Told {
  readonly id: string;
  readonly model: string;
  readonly state: string;
  readonly error_code: string | null;
  readonly created_at: string;
  readonly submitted_at: string | null;
  readonly estimated_credits: number | null;
}

function creditsOf({ state, error_code: code, submitted_at: at, estimated_credits: credits }: Told): number {
  const isFree =
    ['upstream_refused', 'insufficient_credits'].includes(code ?? '') ||
    (state === 'canceled' && at === null);
  return isFree ? 0 : (credits ?? 0);
}

/** Usage by day and model, of the tasks themselves. */
function sumsOf(tasks: readonly Told[]) {
  const of = (day: string, model: string, states: readonly string[]) =>
    tasks.filter(
      (task) => task.created_at.startsWith(day) && task.model === model && states.includes(task.state),
    );
  const pairs = new Set(tasks.map((task) => `${task.created_at.slice(0, 10)} ${task.model}`));
  return [...pairs].toSorted().map((pair) => {
    const [day = '', model = ''] = pair.split(' ');
    const all = of(day, model, ['queued', 'running', 'succeeded', 'failed', 'canceled']);
    return {
      day,
      model,
      tasks: all.length,
      succeeded: of(day, model, ['succeeded']).length,
      failed: of(day, model, ['failed']).length,
      canceled: of(day, model, ['canceled']).length,
      credits: all.reduce((sum, task) => sum + creditsOf(task), 0),
    };
  });
}

type Step =
  | { readonly do: 'post'; readonly model: number; readonly priced: boolean }
  | { readonly do: 'cancel' | 'erase' | 'refuse'; readonly which: number }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'tick' }
  | { readonly do: 'lose'; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('post' as const), model: fc.nat(1), priced: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel' as const, 'erase' as const, 'refuse' as const),
      which: fc.nat(9),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('lose' as const), at: fc.integer({ min: 2, max: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
);

const MODELS = ['seedance-2.0-reference-to-video', 'gpt-image-2-text-to-image'];

/** Carries steps out, and keeps what each task said last. */
async function live(relay: Relay, key: string, steps: readonly Step[]): Promise<Told[]> {
  const me = relay.as(key);
  const known = new Map<string, Told>();
  const erased = new Set<string>();
  const look = async () => {
    for (const task of (await me.get('/v1/tasks?limit=100')).body.data) known.set(task.id, task);
  };
  for (const one of steps) {
    const ids = Array.from(known.keys()).filter((id) => !erased.has(id));
    const id = 'which' in one ? ids[one.which % Math.max(1, ids.length)] : undefined;
    if (one.do === 'post') {
      const input = {
        prompt: 'a fox',
        ...(one.priced ? { resolution: one.model === 0 ? '720p' : '1K' } : {}),
      };
      await me.post('/v1/tasks', {
        model: MODELS[one.model],
        input: one.model === 0 ? { ...input, duration: 5 } : input,
      });
    }
    // Refused at once, or once it has waited: then it has an end that costs nothing.
    if (one.do === 'refuse')
      await relay.fault({
        endpoint: 'createTask',
        kind: 'status',
        status: one.which % 2 === 0 ? 422 : 503,
        times: 1,
      });
    if (one.do === 'cancel' && id !== undefined) await me.post(`/v1/tasks/${id}/cancel`);
    if (one.do === 'wait') relay.clock.advance(one.hours * HOUR_MS);
    if (one.do === 'tick') await relay.tick();
    // What is written here is written twice: its first answer is lost.
    if (one.do === 'lose') {
      relay.restart({ kill: { at: one.at, when: 'after', survives: true } });
      await relay.tick().catch(() => undefined);
      relay.restart();
    }
    await look();
    if (one.do === 'erase' && id !== undefined && (await me.delete(`/v1/tasks/${id}`)).status === 204)
      erased.add(id);
  }
  return Array.from(known.values());
}

describe('usage', () => {
  it('equals the tasks, whatever happens to them over days', async () => {
    await holdsForAllInTime(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (steps) => {
        const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '5' } });
        const { id, key } = await relay.client();
        const tasks = await live(relay, key, steps);
        const { body } = await relay.as(key).get('/v1/usage');
        expect(body.data).toEqual(sumsOf(tasks));
        const { body: all } = await relay.admin().get('/admin/usage?group=day,client,model');
        expect(all.data).toEqual(
          sumsOf(tasks).map(({ day, ...rest }) => ({ day, client_id: id, client_name: 'test', ...rest })),
        );
      },
      10,
    );
  }, 120_000);

  it('counts an end that the code of before writes as this code counts it', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key } = await relay.client();
    const ends = [
      { state: 'succeeded', error_code: null, submitted_at: 1 },
      { state: 'failed', error_code: 'upstream_failed', submitted_at: 1 },
      { state: 'failed', error_code: 'upstream_refused', submitted_at: null },
      { state: 'failed', error_code: 'insufficient_credits', submitted_at: null },
      { state: 'failed', error_code: 'timed_out', submitted_at: null },
      { state: 'canceled', error_code: null, submitted_at: 1 },
      { state: 'canceled', error_code: null, submitted_at: null },
    ];
    for (const { state, error_code: code, submitted_at: at } of ends) {
      await env.DB.prepare('delete from usage').run();
      const { body } = await relay.as(key).post('/v1/tasks', video());
      await env.DB.prepare(
        `update tasks set state = ?2, error_code = ?3, error_message = 'x', submitted_at = ?4, completed_at = 2, revision = revision + 1
         where id = ?1`,
      )
        .bind(body.id, state, code, at)
        .run();
      const row = await env.DB.prepare('select * from tasks where id = ?1').bind(body.id).first<TaskRow>();
      if (row === null) throw new Error('it is there');
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has an end
      const credits = creditsUsed(fromRow(row) as EndedTask);
      const counted = await env.DB.prepare('select day, credits from usage').first();
      expect([state, code, at, counted]).toEqual([state, code, at, { day: dayOf(row.created_at), credits }]);
    }
  });
});
