import type { Relay } from './relay.ts';

/** From now on: when upstream was asked for each of its tasks. Epoch ms. */
export function logPolls(relay: Relay): Map<string, number[]> {
  const polls = new Map<string, number[]>();
  const { clock, simulator } = relay;
  const answer = simulator.recordInfo.bind(simulator);
  simulator.recordInfo = (call) => {
    const id = call.taskId ?? '';
    polls.set(id, [...(polls.get(id) ?? []), clock.now()]);
    return answer(call);
  };
  return polls;
}

/** The longest that any of these tasks went without a poll between two instants. */
export function largestGapMs(
  polls: ReadonlyMap<string, readonly number[]>,
  from: number,
  to: number,
): number {
  return Math.max(
    ...Array.from(polls.values(), (times) => {
      const within = [from, ...times.filter((at) => at > from && at < to), to];
      return Math.max(...within.map((at, index) => at - (within[index - 1] ?? at)));
    }),
  );
}
