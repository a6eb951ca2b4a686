import { isoTime } from '../../domain/clock.ts';
import type { Bucket, Figures } from '../../store/overview-figures.ts';
import { Chart, GAP, HEIGHT, niceAbove, WIDTH } from '../components/chart.tsx';
import { count, duration, utcText } from '../components/time.tsx';
import { SPANS } from './read.ts';
import type { SpanName } from './read.ts';

interface ChartProps {
  readonly figures: Figures;
  readonly span: SpanName;
}

const STACK = ['succeeded', 'failed', 'canceled', 'open'] as const;
const NAMES = { succeeded: 'Succeeded', failed: 'Failed', canceled: 'Canceled', open: 'Not ended' } as const;

/** Tasks by the time when they were accepted, and by what became of them. */
export function VolumeChart({ figures: { buckets, tasks }, span }: ChartProps) {
  const most = niceAbove(Math.max(...buckets.map(totalOf)), 4);
  const step = WIDTH / buckets.length;
  const used = STACK.filter((part) => buckets.some((bucket) => bucket[part] > 0));
  return (
    <Chart
      title="Tasks"
      value={count(tasks)}
      legend={used.map((part) => ({ name: NAMES[part], className: part }))}
      top={count(most)}
      axis={<Axis buckets={buckets} />}
      isEmpty={tasks === 0}
      label={`Tasks in ${SPANS[span].title}: ${count(tasks)}, at most ${count(Math.max(...buckets.map(totalOf)))} in one bar.`}
    >
      {buckets.map((bucket, i) => {
        let top = HEIGHT;
        return (
          <g>
            {STACK.filter((part) => bucket[part] > 0).map((part) => {
              const height = (bucket[part] / most) * HEIGHT;
              top -= height;
              return (
                <rect
                  class={`fill ${part}`}
                  x={step * (i + GAP / 2)}
                  y={top}
                  width={step * (1 - GAP)}
                  height={height}
                />
              );
            })}
            <rect class="target" x={step * i} y="0" width={step} height={HEIGHT}>
              <title>{`${utcText(bucket.startsAt)}: ${describe(bucket)}`}</title>
            </rect>
          </g>
        );
      })}
    </Chart>
  );
}

/** How long callbacks took from upstream's end to the receiver's yes. */
export function LatencyChart({ figures: { buckets, p50, p95 }, span }: ChartProps) {
  const most = niceAbove(Math.max(...buckets.map((bucket) => bucket.p95 ?? 0)), 1_000);
  const step = WIDTH / buckets.length;
  return (
    <Chart
      title="End to callback"
      value={p50 === null ? '–' : duration(p50)}
      legend={[
        { name: 'p95', className: 'p95' },
        { name: 'p50', className: 'p50' },
      ]}
      top={duration(most)}
      axis={<Axis buckets={buckets} />}
      isEmpty={p50 === null}
      label={`From a task's end to its callback in ${SPANS[span].title}: p50 ${said(p50)}, p95 ${said(p95)}.`}
    >
      {(['p95', 'p50'] as const).map((which) =>
        buckets.map((bucket, i) => {
          const value = bucket[which];
          const height = value === null ? 0 : Math.max((value / most) * HEIGHT, 2);
          return value === null ? null : (
            <rect
              class={`fill ${which}`}
              x={step * (i + GAP / 2)}
              y={HEIGHT - height}
              width={step * (1 - GAP)}
              height={height}
            />
          );
        }),
      )}
      {buckets.map((bucket, i) => (
        <rect class="target" x={step * i} y="0" width={step} height={HEIGHT}>
          <title>{`${utcText(bucket.startsAt)}: p50 ${said(bucket.p50)}, p95 ${said(bucket.p95)}`}</title>
        </rect>
      ))}
    </Chart>
  );
}

/** Where it begins, its middle, and now. */
function Axis({ buckets }: { buckets: readonly Bucket[] }) {
  const [first, middle] = [buckets[0], buckets[Math.floor(buckets.length / 2)]];
  return (
    <p class="axis">
      {[first, middle].map((bucket) =>
        bucket === undefined ? null : (
          <time datetime={isoTime(bucket.startsAt)} data-short="">
            {utcText(bucket.startsAt).slice(0, -8)}
          </time>
        ),
      )}
      <span>now</span>
    </p>
  );
}

function totalOf(bucket: Bucket): number {
  return STACK.reduce((sum, part) => sum + bucket[part], 0);
}

function describe(bucket: Bucket): string {
  const parts = STACK.filter((part) => bucket[part] > 0).map(
    (part) => `${count(bucket[part])} ${NAMES[part].toLowerCase()}`,
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function said(ms: number | null): string {
  return ms === null ? 'unknown' : duration(ms);
}
