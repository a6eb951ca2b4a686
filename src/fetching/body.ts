/**
 * Reads at most `maxBytes` of a body as text and cancels the rest, so that no peer can make us hold or wait for more.
 *
 * @param signal cuts the reading short: what has come by then is the text.
 * @returns the text, and whether the body was cut.
 */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ text: string; truncated: boolean }> {
  if (body === null) return { text: '', truncated: false };
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let left = maxBytes;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // Where the reading was cut short, half a character at the end is no fault of the peer's.
      if (done) return { text: signal.aborted ? text : text + decoder.decode(), truncated: signal.aborted };
      text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.byteLength;
      if (left < 0) {
        cancel();
        return { text, truncated: true };
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
