/**
 * What a task costs over its whole life: rows written and read as D1 counts them, statements, requests to D1 and outgoing
 * fetches; and what an idle minute costs. In workerd over a real D1, on a clock that jumps. Exits with 1 where it is more
 * than docs/performance.md says.
 */
import { byPhase, dollarsPerMillionTasks, sumOf, tasksPerFreeDay, total } from './arena/bill.ts';
import { measureCost } from './arena/cost-worker.ts';
import { AN_INVOCATION, FREE_A_DAY } from './arena/prices.ts';
import { aligned } from './figures.ts';
import type { CostAnswer, CostRequest } from './workers/shapes.ts';
import type { Cost } from './workers/shapes.ts';

/** What the docs promise, for a task of 90 s; and one more where it has an idempotency key, for its index entry. */
const MOST_WRITTEN = 16.5;
const MOST_IDLE_WRITTEN = 2;
const BUSY = { tasks: 100, warmUp: 50, isAlone: false };
const LOADS: (CostRequest & { name: string })[] = [
  { name: 'one each 2 s', ...BUSY, hasKey: false },
  { name: 'one each 2 s, with an idempotency key', ...BUSY, hasKey: true },
  { name: 'one at a time', tasks: 10, warmUp: 5, isAlone: true, hasKey: false },
];

const answers: CostAnswer[] = [];
for (const { name, ...request } of LOADS) {
  const answer = await measureCost(request);
  answers.push(answer);
  print(
    `Tasks of 90 s (lognormal, σ 0.4) with a callback URL, ${name}:\n${phases(answer)}\n\n${bill(answer)}`,
  );
}
process.exit(verdict(answers) ? 0 : 1);

function phases(answer: CostAnswer): string {
  const rows = byPhase(answer).map(([name, cost]) => [name, ...figures(cost)]);
  return aligned([['', 'rows written', 'rows read', 'statements', 'requests to D1', 'fetches'], ...rows]);
}

function figures({ written, read, statements, trips, fetches }: Cost): string[] {
  return [written, read, statements, trips, fetches].map((value) => value.toFixed(1));
}

function bill(answer: CostAnswer): string {
  const [life, purge] = lifeOf(answer);
  const idle = total(answer.idleMinute);
  const dollars = dollarsPerMillionTasks(life, purge).toFixed(2);
  const free = tasksPerFreeDay(life, purge, idle).toLocaleString('en');
  return [
    `Paid plan: $${dollars} for a million tasks, beyond what it includes, without CPU time.`,
    `Free plan: rows for ${free} tasks a day, of ${FREE_A_DAY.rowsWritten.toLocaleString('en')} rows written; CPU time is not measured here, and ends sooner (docs/limits.md).`,
    `An idle minute: ${idle.written} rows written, ${idle.read} read, ${idle.trips} requests to D1, ${idle.fetches} fetches.`,
    `The busiest invocation: ${answer.mostTrips} requests to D1 with ${answer.mostStatements} statements` +
      ` (the Free plan allows ${AN_INVOCATION.free.d1Requests} an invocation, the Paid one ${AN_INVOCATION.paid.d1Requests}).`,
  ].join('\n');
}

function lifeOf(answer: CostAnswer): [Cost, Cost] {
  const [life, purge] = byPhase(answer).slice(-2);
  return [life?.[1] ?? sumOf([]), purge?.[1] ?? sumOf([])];
}

function verdict(all: readonly CostAnswer[]): boolean {
  const [plain, keyed] = all.slice(0, 2).map((answer) => lifeOf(answer)[0].written);
  const idle = Math.max(...all.map(({ idleMinute }) => total(idleMinute).written));
  const isTwoMore = all.every(({ posts, ticks, tasks }) => {
    const polls = ticks['fetch poll']?.fetches ?? 0;
    return total(posts).fetches + total(ticks).fetches === polls + 2 * tasks;
  });
  const claims: [boolean, string][] = [
    [(plain ?? NaN) <= MOST_WRITTEN, `At most ${MOST_WRITTEN} rows written a task: ${plain?.toFixed(1)}.`],
    [
      (keyed ?? NaN) <= MOST_WRITTEN + 1,
      `At most ${MOST_WRITTEN + 1} with an idempotency key: ${keyed?.toFixed(1)}.`,
    ],
    [isTwoMore, 'The polls and two more fetches a task.'],
    [idle <= MOST_IDLE_WRITTEN, `An idle minute writes its heartbeat and nothing else: ${idle} rows.`],
  ];
  print(claims.map(([holds, words]) => `${holds ? 'holds' : 'BROKEN'}  ${words}`).join('\n'));
  return claims.every(([holds]) => holds);
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}
