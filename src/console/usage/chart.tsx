import type { Usage } from '../../domain/usage.ts';
import { Chart, GAP, HEIGHT, niceAbove, WIDTH } from '../components/chart.tsx';
import { count } from '../components/time.tsx';
import type { UsageOverview } from './read.ts';

/** Credits by day: what is billed. Where nothing has a price, tasks by day. */
export function UsageChart({ usage: { days, total, query } }: { usage: UsageOverview }) {
  const figure = total.credits > 0 || total.tasks === 0 ? 'credits' : 'tasks';
  const most = niceAbove(Math.max(...days.map((day) => day[figure])), 4);
  const step = WIDTH / days.length;
  const title = figure === 'credits' ? 'Credits a day' : 'Tasks a day';
  return (
    <Chart
      title={title}
      value={count(total[figure])}
      legend={[]}
      top={count(most)}
      axis={<DayAxis days={days} />}
      isEmpty={total.tasks === 0}
      label={`${title} from ${query.from} to ${query.to}: ${count(total[figure])} in all.`}
    >
      {days.map((day, i) => {
        const height = (day[figure] / most) * HEIGHT;
        return (
          <g>
            {day[figure] === 0 ? null : (
              <rect
                class="fill succeeded"
                x={step * (i + GAP / 2)}
                y={HEIGHT - height}
                width={step * (1 - GAP)}
                height={height}
              />
            )}
            <rect class="target" x={step * i} y="0" width={step} height={HEIGHT}>
              <title>{`${day.day}: ${count(day.credits)} credits, ${count(day.tasks)} tasks`}</title>
            </rect>
          </g>
        );
      })}
    </Chart>
  );
}

function DayAxis({ days }: { days: readonly Usage[] }) {
  return (
    <p class="axis">
      {[days[0], days[Math.floor(days.length / 2)], days.at(-1)].map((day) => (
        <span>{day?.day}</span>
      ))}
    </p>
  );
}
