import { storageDollarsAMonth } from '../../domain/storage-price.ts';
import { Icon } from '../components/icon.tsx';
import { count, duration, size, Time } from '../components/time.tsx';
import type { Concern } from './attention.ts';
import { LatencyChart, VolumeChart } from './charts.tsx';
import { Breakers, Queues } from './queues.tsx';
import { SPANS } from './read.ts';
import type { Overview, RelayPulse } from './read.ts';

/** The part of the overview that changes. */
export function Live({ overview, attention }: { overview: Overview; attention: readonly Concern[] }) {
  return (
    <>
      <Attention concerns={attention} />
      <Tiles overview={overview} />
      <div class="pair">
        <VolumeChart figures={overview.figures} span={overview.span} />
        <LatencyChart figures={overview.figures} span={overview.span} />
      </div>
      {overview.figures.isCut ? (
        <p class="hint">More tasks than are counted here: the newest 20,000 are.</p>
      ) : null}
      <Queues queues={overview.queues} now={overview.now} />
      {overview.relay === null ? null : <Breakers breakers={overview.relay.breakers} />}
      {overview.relay === null ? null : <Kept kept={overview.relay.kept} />}
      {overview.relay === null ? null : <Pulse relay={overview.relay} now={overview.now} />}
    </>
  );
}

function Attention({ concerns }: { concerns: readonly Concern[] }) {
  if (concerns.length === 0) {
    return (
      <p class="all-well">
        <Icon name="good" /> Nothing needs attention.
      </p>
    );
  }
  return (
    <section class="card attention" aria-labelledby="attention-title">
      <h2 id="attention-title">Needs attention first</h2>
      <ul>
        {concerns.map(({ tone, title, advice, href }) => (
          <li class={tone}>
            <Icon name={tone === 'bad' ? 'bad' : 'warn'} />
            <div>
              <strong>{title}</strong>
              <span>{advice}</span>
            </div>
            {href === null ? null : (
              <a class="look" href={href} aria-label={`Look: ${title}`}>
                Look <Icon name="arrow" />
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tiles({ overview }: { overview: Overview }) {
  const { figures, span, waiting, running, callbacksPending, callbacksWaiting } = overview;
  const total = (of: 'succeeded' | 'failed' | 'canceled') =>
    figures.buckets.reduce((sum, bucket) => sum + bucket[of], 0);
  const ended = total('succeeded') + total('failed');
  const settled = figures.delivered + figures.undelivered;
  const within = `in ${SPANS[span].title}`;
  return (
    <dl class="tiles">
      <Tile
        name="Queued"
        value={count(waiting)}
        note="until upstream takes them"
        href="/console/tasks?state=queued"
      />
      <Tile
        name="Running"
        value={count(running)}
        note="upstream has them"
        href="/console/tasks?state=running"
      />
      <Tile
        name="Callbacks pending"
        value={count(callbacksPending)}
        note={`${count(callbacksWaiting)} more when their tasks end`}
        href="/console/tasks?callback=pending"
      />
      <Tile
        name="Tasks succeeded"
        value={ended === 0 ? '–' : share(total('succeeded'), ended)}
        note={
          ended === 0
            ? `none ended ${within}`
            : `${count(total('failed'))} failed, ${count(total('canceled'))} canceled ${within}`
        }
        href="/console/tasks?state=failed"
      />
      <Tile
        name="Callbacks delivered"
        value={settled === 0 ? '–' : share(figures.delivered, settled)}
        note={
          settled === 0
            ? `none sent ${within}`
            : `${count(figures.delivered)} delivered, ${count(figures.undelivered)} failed`
        }
        href="/console/tasks?callback=failed"
      />
      <Tile
        name="End to callback"
        value={figures.p50 === null ? '–' : duration(figures.p50)}
        note={figures.p95 === null ? `none delivered ${within}` : `p50; p95 is ${duration(figures.p95)}`}
      />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly href?: string;
}

function Tile({ name, value, note, href }: TileProps) {
  return (
    <div class="tile">
      <dt>{href === undefined ? name : <a href={href}>{name}</a>}</dt>
      <dd>
        <b>{value}</b>
        <span>{note}</span>
      </dd>
    </div>
  );
}

/** Nothing, below what R2 has for free. */
function price(bytes: number): string {
  const dollars = storageDollarsAMonth(bytes);
  return dollars === 0 ? 'nothing' : `about $${dollars.toFixed(2)}`;
}

/** 99.9 and not 100 where something failed. */
function share(part: number, whole: number): string {
  if (part === whole) return '100 %';
  return `${Math.min(99.9, Math.round((part / whole) * 1_000) / 10)} %`;
}

/** What is stored, and what that costs; nothing, where no bucket is bound. */
function Kept({ kept }: Pick<RelayPulse, 'kept'>) {
  if (kept === null) return null;
  return (
    <p class="hint pulse">
      <Icon name="good" />
      <span>
        Results kept: {size(kept.bytes)} of {count(kept.tasks)} tasks, for {price(kept.bytes)} a month at R2.
      </span>
    </p>
  );
}

function Pulse({ relay, now }: { relay: RelayPulse; now: number }) {
  const { tickStartedAt, oldestDueAt, counts } = relay;
  const did = Object.entries(counts).filter(([, n]) => n > 0);
  return (
    <p class="hint pulse">
      <Icon name="clock" />
      <span>
        Last run of the cron: {tickStartedAt === null ? 'never' : <Time at={tickStartedAt} ago={true} />}
        {did.length === 0
          ? null
          : ` (the one before: ${did.map(([name, n]) => `${name} ${count(n)}`).join(', ')})`}
        . Oldest due work:{' '}
        {oldestDueAt === null || oldestDueAt > now ? 'none is due' : <Time at={oldestDueAt} ago={true} />}.
      </span>
    </p>
  );
}
