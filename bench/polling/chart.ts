/** A point of the chart: what a policy costs, and how late it is. */
export interface Point {
  readonly name: string;
  readonly polls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly isOurs: boolean;
}

export interface Lines {
  /** The fewest polls that any blind schedule needs to meet the aims. */
  readonly bound: number;
  readonly aimsMs: readonly number[];
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 60;
const RIGHT = 20;
const TOP = 50;
const BOTTOM = 50;
const MOST_POLLS = 36;
const MOST_SECONDS = 13;

const STYLE = `
  svg { background: #fff; color: #24292f; font: 13px system-ui, sans-serif }
  text { fill: currentColor; stroke: #fff; stroke-width: 4px; paint-order: stroke } .faint { fill: #6e7781 }
  line { stroke: #d0d7de } .aim { stroke: #bf8700; stroke-dasharray: 5 4 } .bound { stroke: #8250df; stroke-dasharray: 5 4 }
  .range { stroke: #57606a; stroke-width: 2 } .dot { fill: #57606a }
  .ours .range { stroke: #0969da; stroke-width: 3 } .ours .dot { fill: #0969da } .ours text { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 } text { stroke: #0d1117 } .faint { fill: #8d96a0 } line { stroke: #30363d }
    .aim { stroke: #d29922 } .bound { stroke: #a371f7 } .range { stroke: #8d96a0 } .dot { fill: #8d96a0 }
    .ours .range { stroke: #4493f8 } .ours .dot { fill: #4493f8 }
  }`;

/** Detection delay against polls a task: for each policy a line from its p50 to its p95. Readable in light and dark. */
export function chart(title: string, points: readonly Point[], { bound, aimsMs }: Lines): string {
  const axes = [0, 5, 10, 15, 20, 25, 30, 35].map((polls) => text(x(polls), HEIGHT - 30, String(polls)));
  const levels = [0, 2, 4, 6, 8, 10, 12].map(
    (seconds) =>
      line(LEFT, y(seconds), WIDTH - RIGHT, y(seconds)) + text(LEFT - 20, y(seconds) + 4, `${seconds} s`),
  );
  const aims = aimsMs.map((ms) => line(LEFT, y(ms / 1_000), WIDTH - RIGHT, y(ms / 1_000), 'aim'));
  const words = 'no blind schedule meets the aims with fewer polls';
  const least = line(x(bound), TOP, x(bound), y(0), 'bound') + text(x(bound), TOP - 8, words, 'faint');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n</style>`,
    ...levels,
    ...axes,
    ...aims,
    least,
    text((LEFT + WIDTH) / 2, HEIGHT - 10, `polls a task (${title})`, 'faint'),
    text(
      LEFT,
      TOP - 30,
      'Delay until the end is seen: ● p50, line up to p95. Dashed: the aims for both.',
      'faint',
      'start',
    ),
    ...points.map(pointOf),
    '</svg>\n',
  ].join('\n');
}

function pointOf({ name, polls, p50Ms, p95Ms, isOurs }: Point): string {
  const [at, low, high] = [x(polls), y(p50Ms / 1_000), y(p95Ms / 1_000)];
  const marks = `${line(at, low, at, high, 'range')}<circle class="dot" cx="${at}" cy="${low}" r="5"/>`;
  return `<g class="${isOurs ? 'ours' : ''}">${marks}${text(Math.max(at, LEFT + 40), high - 9, name)}</g>`;
}

function x(polls: number): number {
  return Math.round(LEFT + (polls / MOST_POLLS) * (WIDTH - LEFT - RIGHT));
}

function y(seconds: number): number {
  return Math.round(HEIGHT - BOTTOM - (seconds / MOST_SECONDS) * (HEIGHT - TOP - BOTTOM));
}

// oxlint-disable-next-line max-params -- two points and a style
function line(x1: number, y1: number, x2: number, y2: number, style = ''): string {
  return `<line class="${style}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

// oxlint-disable-next-line max-params -- a point, words and two styles
function text(left: number, top: number, words: string, style = '', anchor = 'middle'): string {
  return `<text class="${style}" x="${left}" y="${top}" text-anchor="${anchor}">${words}</text>`;
}
