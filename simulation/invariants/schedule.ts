import type { Send } from '../ledger.ts';
import { callbackOf, firstOf } from '../sight.ts';
import type { Invariant, LoggedAttempt, Sight } from '../sight.ts';

/** The schedule as the README promises it, written down a second time. */
const QUICK_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const QUICK_WINDOW_MS = 120_000;
const LEAST = 0.8;
const MOST = 1.2;
/** An HTTP-date has no fractions of a second. */
const ROUNDING_MS = 1_000;

/** Checks each attempt log again whenever it has grown; a redelivery begins a second schedule, which is not followed. */
export function attemptsFollowTheSchedule(): Invariant {
  const checked = new Map<string, number>();
  return {
    name: 'attempts follow the retry schedule, quick retries and Retry-After',
    afterStep: (sight) =>
      firstOf(sight.deliveries.values(), ({ id, task_id: taskId, kind, attempts }) => {
        if (kind !== 'callback' || checked.get(id) === attempts || sight.ledger.redelivered.has(taskId))
          return null;
        checked.set(id, attempts);
        const log = sight.attemptsOf(id);
        if (log.length !== attempts) return `${id} counts ${attempts} attempts, and has logged ${log.length}`;
        return problemOfLog(id, log, sight.ledger.sendsOf(taskId), sight.plan.retryDelaysMs);
      }),
    onSend: (sight, send) => (send.isNotice ? null : problemOfInstant(sight, send)),
  };
}

/** A silent receiver is tried at least this often, whatever the schedules of its callbacks say. */
const PROBE_MS = 300_000;

/** Another may be leased in the same instant, and goes when the first has ended: one at a time. */
const WITH_A_PROBE_MS = 2_000;

/** Not before the log said; unless nothing was answered, and the receiver has answered since, or was left alone for long. */
function problemOfInstant(sight: Sight, { taskId, relayAt, webhookId, url }: Send): string | null {
  const callback = callbackOf(sight, taskId);
  if (sight.ledger.redelivered.has(taskId) || callback === undefined) return null;
  const dueAt = sight.attemptsOf(webhookId).at(-1)?.nextAttemptAt ?? 0;
  const early = dueAt - sight.toleranceMs - relayAt;
  if (early <= 0) return null;
  const { host } = new URL(url);
  const toReceiver = sight.ledger.sends.filter(
    (send) =>
      new URL(send.url).host === host && sight.rows.get(send.taskId)?.client_id === callback.client_id,
  );
  const last = toReceiver.findLast((send) => send.webhookId === webhookId);
  const lastAt = last === undefined ? 0 : last.relayAt;
  const hasAnswered = toReceiver.some(
    (send) => send.status !== null && heardAt(sight, send) + sight.toleranceMs >= lastAt,
  );
  const withAProbeMs = Number(sight.plan.vars['CALLBACK_TIMEOUT_SECONDS']) * 1_000 + WITH_A_PROBE_MS;
  const isLeftAlone = toReceiver.every(
    ({ by, relayAt: at }) =>
      by.dead || relayAt - at >= PROBE_MS - sight.toleranceMs || relayAt - at <= withAProbeMs,
  );
  if (callback.last_status === null && (hasAnswered || isLeftAlone)) return null;
  return `${webhookId} is sent ${early} ms before its time`;
}

/** When Ringback had read an answer to its end: its head may come a second before. */
function heardAt(sight: Sight, { webhookId, relayAt, answeredAt }: Send): number {
  const attempt = sight
    .attemptsOf(webhookId)
    .find(({ at, durationMs }) => at <= relayAt && relayAt <= at + durationMs);
  return Math.max(answeredAt ?? 0, attempt === undefined ? 0 : attempt.at + attempt.durationMs);
}

function problemOfLog(
  id: string,
  log: readonly LoggedAttempt[],
  sends: readonly Send[],
  delaysMs: readonly number[],
): string | null {
  const stand = { firstAt: null as number | null, retries: 0, quick: 0 };
  return firstOf(log.entries(), ([index, attempt]) => {
    const { number, status, outcome, at, durationMs: tookMs } = attempt;
    const where = `attempt ${number} of ${id}`;
    if (outcome !== 'retry' && index < log.length - 1) return `${where} was the last, and another followed`;
    const now = at + tookMs;
    const planned = log[index - 1]?.nextAttemptAt ?? 0;
    // Tried before its time, and met with silence: nothing of the schedule is used up.
    const isProbe = planned > now && status === null;
    const expected = isProbe
      ? { outcome: 'retry', least: planned, most: planned }
      : expectedAfter(status, now, stand, delaysMs);
    if (outcome !== expected.outcome) return `${where} is ${outcome}, and should be ${expected.outcome}`;
    const asked = notBefore(attempt, sends);
    const least = Math.max(expected.least, asked);
    const most = Math.max(expected.most, asked + ROUNDING_MS);
    const next = attempt.nextAttemptAt;
    if (next === null) return outcome === 'retry' ? `${where} is followed by none` : null;
    return next < least || next > most
      ? `${where} is followed after ${next - now} ms, and not after ${least - now} to ${most - now}`
      : null;
  });
}

function expectedAfter(
  status: number | null,
  now: number,
  stand: { firstAt: number | null; retries: number; quick: number },
  delaysMs: readonly number[],
): { outcome: string; least: number; most: number } {
  const nothing = { least: 0, most: Infinity };
  if (status !== null && status >= 200 && status < 300) return { outcome: 'delivered', ...nothing };
  if (status === 410) return { outcome: 'stopped', ...nothing };
  stand.firstAt ??= now;
  const quick = QUICK_DELAYS_MS[stand.quick];
  if ((status === 404 || status === 409) && quick !== undefined && now - stand.firstAt < QUICK_WINDOW_MS) {
    stand.quick++;
    return { outcome: 'retry', least: now + quick, most: now + quick };
  }
  const delay = delaysMs[stand.retries++];
  if (delay === undefined) return { outcome: 'exhausted', ...nothing };
  return { outcome: 'retry', least: now + Math.floor(delay * LEAST), most: now + Math.ceil(delay * MOST) };
}

/** As `toUTCString` writes it, with the comma that also stands between two values. */
const DATE = /[A-Z][a-z]{2}, [^,]+GMT/g;

/** The longest of what the receiver asked for in this attempt, by Ringback's clock; 0 where it asked for nothing. */
function notBefore({ at, durationMs: tookMs, status }: LoggedAttempt, sends: readonly Send[]): number {
  if (status !== 429 && status !== 503) return 0;
  const isThis = (send: Send) => send.relayAt >= at && send.relayAt <= at + tookMs && send.status === status;
  const asked = sends.find(isThis)?.retryAfter ?? null;
  if (asked === null) return 0;
  const dates = asked.match(DATE) ?? [];
  const seconds = asked.replaceAll(DATE, '').match(/[\d.]+/g) ?? [];
  return Math.max(...dates.map(Date.parse), ...seconds.map((each) => at + tookMs + Number(each) * 1_000));
}
