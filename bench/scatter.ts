/** A point of the chart: what something costs, and how late it is. */
export interface Point {
  readonly name: string;
  /** A task. */
  readonly polls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly isOurs: boolean;
}

/** An axis: up to where it goes, and where it has a figure. */
export interface Axis {
  readonly most: number;
  readonly figures: readonly number[];
}

/** Dashed lines: what is aimed at, and the fewest polls with which it can be met blindly. */
export interface Lines {
  readonly aimsMs: readonly number[];
  readonly bound: number;
}

export interface Scatter {
  readonly title: string;
  readonly legend: string;
  readonly points: readonly Point[];
  readonly polls: Axis;
  readonly seconds: Axis;
  readonly lines?: Lines;
}

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 30;
const TOP = 50;
const BOTTOM = 50;
/** From the left edge to the middle of a name, so that none is cut off. */
const NAME_ROOM = 40;

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

/** An SVG of lateness against polls a task: for each point a line from its p50 to its p95. Readable in light and dark. */
export function scatter({ title, legend, points, polls, seconds, lines }: Scatter): string {
  const x = (count: number): number => Math.round(LEFT + (count / polls.most) * (WIDTH - LEFT - RIGHT));
  const y = (count: number): number =>
    Math.round(HEIGHT - BOTTOM - (count / seconds.most) * (HEIGHT - TOP - BOTTOM));
  const level = (count: number, style = ''): string =>
    line([LEFT, y(count)], [WIDTH - RIGHT, y(count)], style);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n</style>`,
    ...seconds.figures.map((count) => level(count) + text([LEFT - 25, y(count) + 4], `${count} s`)),
    ...polls.figures.map((count) => text([x(count), HEIGHT - 30], String(count))),
    ...(lines?.aimsMs ?? []).map((ms) => level(ms / 1_000, 'aim')),
    ...(lines === undefined ? [] : boundAt(x(lines.bound), y(0))),
    text([(LEFT + WIDTH) / 2, HEIGHT - 10], `polls a task (${title})`, 'faint'),
    text([WIDTH / 2, TOP - 30], legend, 'faint'),
    ...points.map(({ name, isOurs, ...at }) => {
      const [left, low, high] = [x(at.polls), y(at.p50Ms / 1_000), y(at.p95Ms / 1_000)];
      const marks = `${line([left, low], [left, high], 'range')}<circle class="dot" cx="${left}" cy="${low}" r="5"/>`;
      const words = text([Math.max(left, LEFT + NAME_ROOM), high - 9], name);
      return `<g class="${isOurs ? 'ours' : ''}">${marks}${words}</g>`;
    }),
    '</svg>\n',
  ].join('\n');
}

function boundAt(left: number, bottom: number): string[] {
  const words = 'no blind schedule meets the aims with fewer polls';
  return [line([left, TOP], [left, bottom], 'bound'), text([left, TOP - 8], words, 'faint')];
}

type Place = readonly [left: number, top: number];

function line([x1, y1]: Place, [x2, y2]: Place, style: string): string {
  return `<line class="${style}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function text([left, top]: Place, words: string, style = ''): string {
  return `<text class="${style}" x="${left}" y="${top}" text-anchor="middle">${words}</text>`;
}
