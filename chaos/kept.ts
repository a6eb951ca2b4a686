import { createHash } from 'node:crypto';
import { fileBytes } from '../sandbox/upstream/file-bytes.ts';
import type { Told } from './callers.ts';
import type { SeenTask } from './look.ts';
import type { Job } from './plan.ts';
import type { Relay } from './relay.ts';
import type { UpstreamState } from './upstream.ts';

/** Of so many jobs one has its result kept. */
const EVERY = 3;
const SIZES = [1_000, 300_000, 3_000_000, 20_000_000] as const;

interface Result {
  readonly bytes: number;
  /** Its server does not say how long it is. */
  readonly isChunked: boolean;
}

/** The file of a job that has its result kept; null of others. */
export function resultOf({ index }: Job): Result | null {
  if (index % EVERY !== 0) return null;
  const nth = index / EVERY;
  return { bytes: SIZES[nth % SIZES.length] ?? 0, isChunked: Math.floor(nth / SIZES.length) % 2 === 1 };
}

/** What the sandbox is to make of a job. */
export function promptOf(job: Job): string {
  const result = resultOf(job);
  const words = result === null ? '' : ` [size:${result.bytes}]${result.isChunked ? ' [file:chunked]' : ''}`;
  return `${job.fails ? '[fail] ' : ''}Job ${job.index}: a red fox walks through fresh snow${words}`;
}

/** What became of the results that were to be kept. */
export interface KeptFiles {
  readonly kept: number;
  /** Told by upstream's links: Ringback was dead for too much of their minute. */
  readonly notKept: number;
  /** Links that do not lead to what upstream had, in words. */
  readonly wrong: readonly string[];
}

/** Reads each kept link, and compares what is there with what upstream had, byte for byte. */
export async function readKept(
  relay: Relay,
  told: readonly Told[],
  seen: ReadonlyMap<string, SeenTask>,
  upstream: UpstreamState,
): Promise<KeptFiles> {
  let kept = 0;
  let notKept = 0;
  const wrong: string[] = [];
  const upstreamIds = new Map(upstream.tasks.map(({ taskId, requestId }) => [requestId, taskId]));
  for (const { job, ids } of told) {
    const result = resultOf(job);
    const [id = ''] = ids;
    const link = seen.get(id)?.resultUrl;
    if (result === null || link === undefined || link === null) continue;
    if (!link.startsWith(relay.url('/files/').href)) {
      notKept++;
      continue;
    }
    kept++;
    const response = await fetch(link);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const whole = fileBytes(`${upstreamIds.get(id)}/result-1.mp4`, result.bytes);
    if (hashOf(bytes) !== hashOf(whole))
      wrong.push(
        `${id}: its link is answered with ${response.status} and ${bytes.length} bytes, of ${whole.length}`,
      );
  }
  return { kept, notKept, wrong };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
