import type { Child, PropsWithChildren } from 'hono/jsx';

/** Charts stretch with the page, so their drawing has no text: axes are text beside it. */
export const WIDTH = 600;
export const HEIGHT = 160;
export const GAP = 0.22;

interface FrameProps {
  readonly title: string;
  readonly value: string;
  readonly legend: readonly { readonly name: string; readonly className: string }[];
  /** What the upper edge stands for. */
  readonly top: string;
  /** What stands below: where it begins, its middle, its end. */
  readonly axis: Child;
  readonly isEmpty: boolean;
  readonly label: string;
}

/** A chart in its frame: what it is, its sum, and its legend. */
export function Chart({
  title,
  value,
  legend,
  top,
  axis,
  isEmpty,
  label,
  children,
}: PropsWithChildren<FrameProps>) {
  return (
    <figure class="card chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <b>{value}</b>
        {isEmpty ? null : (
          <ul class="legend">
            {legend.map(({ name, className }) => (
              <li>
                <i class={className}></i>
                {name}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      {isEmpty ? (
        <p class="chart-empty">Nothing in this time.</p>
      ) : (
        <>
          <div class="plot">
            <span class="plot-top">{top}</span>
            <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
              <path class="grid" d={`M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`} />
              {children}
            </svg>
          </div>
          {axis}
        </>
      )}
    </figure>
  );
}

/** A round number from `least` on that is not below the value: 1, 2, 2.5 or 5 times a power of ten. */
export function niceAbove(value: number, least: number): number {
  const wanted = Math.max(value * 1.08, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 2.5, 4, 5, 10].find((factor) => factor * power >= wanted) ?? 10) * power;
}
