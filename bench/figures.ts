import type { Measured } from './phase.ts';

const COLUMNS = ['callbacks', 'lost', 'doubled', 'p50', 'p95', 'p99', 'ratio of p95'] as const;

/** The value that this share of them does not exceed (nearest rank); NaN where there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
}

/** How many times the p95 is what it is alone; NaN where nothing came. */
export function ratioOfP95(measured: Measured, alone: Measured): number {
  return percentile(measured.latencies, 0.95) / percentile(alone.latencies, 0.95);
}

/** The table, its first row being that which the others are compared with. */
export function table(rows: readonly [Measured, ...Measured[]]): string {
  const [alone] = rows;
  const cells = rows.map((row) => [
    row.name,
    String(row.latencies.length),
    String(row.lost),
    String(row.doubled),
    ...[0.5, 0.95, 0.99].map((share) => `${percentile(row.latencies, share)} ms`),
    row === alone ? '' : ratioOfP95(row, alone).toFixed(2),
  ]);
  return aligned([['healthy receiver', ...COLUMNS], ...cells]);
}

/** The first column to the left, the others to the right. */
export function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
