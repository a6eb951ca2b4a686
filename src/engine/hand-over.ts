import type { Decision } from '../domain/schedule/decide.ts';
import type { State } from '../domain/schedule/state.ts';
import type { InvocationDeps } from './deps.ts';
import { logWarning } from './log.ts';

/**
 * Calls the next leg of a tick. Where the queue takes no message, this invocation goes on alone: the same work with a third of
 * what the platform allows, so slower. Never rejects; false where it was not called.
 */
export async function handOver(
  { clock, wakeUps }: InvocationDeps,
  state: State,
  { leg, inMs }: NonNullable<Decision['handOver']>,
): Promise<boolean> {
  const endsAt = clock.now() + inMs;
  state.isCalling = true;
  try {
    await wakeUps?.callNextLeg(leg, inMs);
    state.handOver(endsAt, clock.now());
    return true;
  } catch (error) {
    state.goOnAlone();
    const why = error instanceof Error ? error.message : String(error);
    logWarning('the queue took no message for the next leg of the tick; this one goes on alone, slower', {
      why,
    });
    return false;
  } finally {
    state.isCalling = false;
  }
}
