/** The distribution of durations with this median, `spread` being the deviation of their logarithm: what share ends by `ms`. */
export function lognormalCdf(medianMs: number, spread: number): (ms: number) => number {
  return (ms) => (ms <= 0 ? 0 : normalCdf(Math.log(ms / medianMs) / spread));
}

/** Abramowitz and Stegun 7.1.26: the error is below 1e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = (polynomial * Math.exp(-x * x)) / 2;
  return z < 0 ? tail : 1 - tail;
}
