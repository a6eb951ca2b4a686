/** Most bodies come as one piece, and are decoded at once: it holds nothing from one to the next. */
const ofOnePiece = new TextDecoder();

/**
 * Reads at most `maxBytes` of a body as text and cancels the rest, so that no peer can make us hold or wait for more.
 *
 * @param signal cuts the reading short: what has come by then is the text. Without one, a reading that takes too long is
 * for whoever fetched the body to abort.
 * @returns the text, and whether the body was cut.
 */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<{ text: string; truncated: boolean }> {
  if (body === null) return { text: '', truncated: false };
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', cancel, { once: true });
  const pieces: Uint8Array[] = [];
  let left = maxBytes;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        const truncated = signal?.aborted === true;
        return { text: textOf(pieces, truncated), truncated };
      }
      pieces.push(value.subarray(0, left));
      left -= value.byteLength;
      if (left < 0) {
        cancel();
        return { text: textOf(pieces, true), truncated: true };
      }
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Where the reading was cut short, half a character at the end is no fault of the peer's, and is left out. */
function textOf(pieces: readonly Uint8Array[], isCut: boolean): string {
  if (pieces.length <= 1 && !isCut) return ofOnePiece.decode(pieces[0]);
  const decoder = new TextDecoder();
  const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('');
  return isCut ? text : text + decoder.decode();
}
