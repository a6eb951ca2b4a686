import { isoTime } from '../../domain/clock.ts';

const SECOND = 1_000;
const UNITS = [
  { ms: 86_400 * SECOND, name: 'd' },
  { ms: 3_600 * SECOND, name: 'h' },
  { ms: 60 * SECOND, name: 'min' },
  { ms: SECOND, name: 's' },
] as const;

/** `22 Nov 2026, 15:00:03 UTC`: what stands there until the browser's script puts the viewer's own zone. */
export function utcText(epochMs: number): string {
  const [day = '', time = ''] = isoTime(epochMs).split('T');
  const [year = '', month = '', date = ''] = day.split('-');
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${Number(date)} ${names[Number(month) - 1]} ${year}, ${time.slice(0, 8)} UTC`;
}

/** An instant (epoch ms): in the viewer's zone, and exactly on hover. `ago` counts from now on, as "3 min ago". */
export function Time({ at, ago = false }: { at: number; ago?: boolean }) {
  const exact = isoTime(at);
  return (
    <time datetime={exact} title={exact} data-ago={ago ? '' : undefined}>
      {utcText(at)}
    </time>
  );
}

/** A span of time in words, such as `840 ms`, `12.4 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 60 * SECOND) return `${trimmed(ms / SECOND)} s`;
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  const [large, small] = [UNITS[first], UNITS[first + 1]];
  if (large === undefined || small === undefined) return `${Math.round(ms / SECOND)} s`;
  const whole = Math.floor(ms / large.ms);
  const rest = Math.floor((ms - whole * large.ms) / small.ms);
  return rest === 0 ? `${whole} ${large.name}` : `${whole} ${large.name} ${rest} ${small.name}`;
}

function trimmed(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
}

const BYTE_UNITS = ['KB', 'MB', 'GB', 'TB'];

/** A number of bytes in words, such as `840 bytes`, `1.2 MB`: of 10^6 bytes, as KEEP_MAX_MB is. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const power = Math.min(BYTE_UNITS.length, Math.floor(Math.log10(bytes) / 3));
  return `${trimmed(bytes / 1_000 ** power)} ${BYTE_UNITS[power - 1]}`;
}

/** 12,345: digits in groups of three. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
