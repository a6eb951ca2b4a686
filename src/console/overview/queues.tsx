import type { QueueReason } from '../../domain/task.ts';
import type { OpenBreaker } from '../../store/overview.ts';
import { count, Time } from '../components/time.tsx';
import { namesInWords } from './names.ts';
import type { KeyQueue } from './read.ts';

const REASONS: Readonly<Record<QueueReason, string>> = {
  full: 'upstream is full',
  behind: 'behind others of this key',
  limited: 'upstream limits the rate',
  failing: 'upstream fails',
  'own-limit': "at the client's own limit",
  unasked: 'not asked yet',
};

/** What waits and runs, by the upstream key that it belongs to. */
export function Queues({ queues, now }: { queues: readonly KeyQueue[]; now: number }) {
  if (queues.length === 0) return null;
  return (
    <section class="card" aria-labelledby="queues-title">
      <h2 id="queues-title">Queue by upstream key</h2>
      <div class="scroll" tabindex={0} role="region" aria-labelledby="queues-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col" class="number">
                Running
              </th>
              <th scope="col" class="number">
                Queued
              </th>
              <th scope="col">Oldest queued since</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <tr>
                <th scope="row">{queue.name}</th>
                <td class="number">{count(queue.running)}</td>
                <td class="number">{count(queue.waiting)}</td>
                <td>
                  {queue.oldestWaitingAt === null ? '–' : <Time at={queue.oldestWaitingAt} ago={true} />}
                </td>
                <td>{whyOf(queue, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function whyOf({ reasons, pausedUntil }: KeyQueue, now: number): string {
  const words = reasons.map(
    ({ reason, count: n }) => `${count(n)} ${reason === null ? 'being asked' : REASONS[reason]}`,
  );
  if (pausedUntil !== null && pausedUntil > now) words.push('upstream said to pause');
  return words.length === 0 ? '–' : words.join(', ');
}

/** Receivers that are left alone for a while. */
export function Breakers({ breakers }: { breakers: readonly OpenBreaker[] }) {
  if (breakers.length === 0) return null;
  return (
    <section class="card" aria-labelledby="breakers-title">
      <h2 id="breakers-title">Receivers that do not answer</h2>
      <div class="scroll" tabindex={0} role="region" aria-labelledby="breakers-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Of</th>
              <th scope="col" class="number">
                Wait for it
              </th>
              <th scope="col">Silent since</th>
              <th scope="col" class="number">
                Attempts in a row
              </th>
              <th scope="col">Tried again</th>
            </tr>
          </thead>
          <tbody>
            {breakers.map(({ host, clientNames, waiting, silentSince, silences, openUntil }) => (
              <tr>
                <th scope="row" class="mono">
                  {host}
                </th>
                <td dir="auto">{namesInWords(clientNames)}</td>
                <td class="number">{count(waiting)}</td>
                <td>{silentSince === null ? '–' : <Time at={silentSince} ago={true} />}</td>
                <td class="number">{count(silences)}</td>
                <td>
                  <Time at={openUntil} ago={true} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
