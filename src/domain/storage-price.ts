/** What R2 charges for what is stored: dollars for a gigabyte and a month, the first ten free (https://developers.cloudflare.com/r2/pricing/, read 2026-11-29). */
const DOLLARS_A_GIGABYTE = 0.015;
const FREE_BYTES = 10_000_000_000;

/** What keeping so many bytes for a month costs at R2, in dollars, where nothing else of the account is stored there. */
export function storageDollarsAMonth(bytes: number): number {
  return (Math.max(0, bytes - FREE_BYTES) / 1_000_000_000) * DOLLARS_A_GIGABYTE;
}
