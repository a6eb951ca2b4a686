/** A wake-up of a further worker. It carries nothing: the work is in D1. */
export type WakeUp = Readonly<Record<string, never>>;

/** Optional, and for the Paid plan: the queue that further workers are called by. */
export interface WakeUpBinding {
  readonly WAKE_UPS?: Queue<WakeUp>;
}

/** Sends as many wake-ups as workers are wanted; null where there is no queue. */
export function createWakeWorkers({ WAKE_UPS: queue }: WakeUpBinding) {
  if (queue === undefined) return null;
  return async (workers: number): Promise<void> => {
    await queue.sendBatch(Array.from({ length: workers }, () => ({ body: {} })));
  };
}
