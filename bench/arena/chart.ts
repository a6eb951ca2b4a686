import { percentile } from '../figures.ts';
import type { Result } from './run.ts';

const WIDTH = 760;
const HEIGHT = 360;
const LEFT = 60;
const RIGHT = 30;
const TOP = 50;
const BOTTOM = 50;
const STEPS = 5;

const STYLE = `
  svg { background: #fff; color: #24292f; font: 13px system-ui, sans-serif }
  text { fill: currentColor; stroke: #fff; stroke-width: 4px; paint-order: stroke } .faint { fill: #6e7781 }
  line { stroke: #d0d7de } .range { stroke: #57606a; stroke-width: 2 } .dot { fill: #57606a }
  .ours .range { stroke: #0969da; stroke-width: 3 } .ours .dot { fill: #0969da } .ours text { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 } text { stroke: #0d1117 } .faint { fill: #8d96a0 } line { stroke: #30363d }
    .range { stroke: #8d96a0 } .dot { fill: #8d96a0 }
    .ours .range { stroke: #4493f8 } .ours .dot { fill: #4493f8 }
  }`;

/** Latency of callbacks against polls a task: for each contender a line from its p50 to its p95. Readable in light and dark. */
export function chart(title: string, results: readonly Result[]): string {
  const points = results
    .filter(({ latenciesMs }) => latenciesMs.length > 0)
    .map(({ contender, polls, tasks, latenciesMs, lost }) => ({
      name: lost === 0 ? contender : `${contender} (${lost} lost)`,
      isOurs: contender === results[0]?.contender,
      polls: polls / tasks,
      p50: percentile(latenciesMs, 0.5) / 1_000,
      p95: percentile(latenciesMs, 0.95) / 1_000,
    }));
  const mostPolls = roomFor(Math.max(...points.map(({ polls }) => polls)));
  const mostSeconds = roomFor(Math.max(...points.map(({ p95 }) => p95)));
  const x = (polls: number): number => Math.round(LEFT + (polls / mostPolls) * (WIDTH - LEFT - RIGHT));
  const y = (seconds: number): number =>
    Math.round(HEIGHT - BOTTOM - (seconds / mostSeconds) * (HEIGHT - TOP - BOTTOM));
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n</style>`,
    ...steps.map((step) => {
      const level = y(step * mostSeconds);
      const line = `<line x1="${LEFT}" y1="${level}" x2="${WIDTH - RIGHT}" y2="${level}"/>`;
      return line + text([LEFT - 25, level + 4], `${Number((step * mostSeconds).toFixed(1))} s`);
    }),
    ...steps.map((step) =>
      text([x(step * mostPolls), HEIGHT - 30], String(Number((step * mostPolls).toFixed(1)))),
    ),
    text([(LEFT + WIDTH) / 2, HEIGHT - 10], `polls a task (${title})`, 'faint'),
    text([WIDTH / 2, TOP - 30], 'Callback after the end upstream: ● p50, line up to p95', 'faint'),
    ...points.map(({ name, isOurs, polls, p50, p95 }) => {
      const range = `<line class="range" x1="${x(polls)}" y1="${y(p50)}" x2="${x(polls)}" y2="${y(p95)}"/>`;
      const dot = `<circle class="dot" cx="${x(polls)}" cy="${y(p50)}" r="5"/>`;
      return `<g class="${isOurs ? 'ours' : ''}">${range}${dot}${text([x(polls), y(p95) - 9], name)}</g>`;
    }),
    '</svg>\n',
  ].join('\n');
}

/** The next round number with some room above. */
function roomFor(most: number): number {
  const step = 10 ** Math.floor(Math.log10(most));
  return Math.ceil((most * 1.15) / (step / 2)) * (step / 2);
}

function text([left, top]: readonly [number, number], words: string, style = ''): string {
  return `<text class="${style}" x="${left}" y="${top}" text-anchor="middle">${words}</text>`;
}
