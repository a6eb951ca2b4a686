/**
 * Characters that what is read by one request may have together: four lists of tasks as long as one may be. Each is told twice, as text
 * and as data, and an isolate has 128 MB for all of its requests.
 */
const MAX_CHARACTERS = 4_000_000;

/** The room that the answers to one request have. The first always fits, so a call by itself never lacks it. */
export class AnswerRoom {
  private used = 0;
  private isFull = false;
  private lastList: Promise<unknown> = Promise.resolve();

  /** What `read` answers, as text; null where there is no room for it. */
  async within(read: () => Promise<Response>): Promise<Response | null> {
    if (this.isFull) return null;
    const answer = await read();
    // A refusal is short.
    if (!answer.ok) return answer;
    const text = await answer.text();
    if (this.used > 0 && this.used + text.length > MAX_CHARACTERS) this.isFull = true;
    if (this.isFull) return null;
    this.used += text.length;
    return new Response(text, answer);
  }

  /** The same for what may be long: one after the other, so that no more than one of them is held beside those that have room. */
  async withinInTurn(read: () => Promise<Response>): Promise<Response | null> {
    const turn = this.lastList.then(async () => await this.within(read));
    this.lastList = turn.catch(() => undefined);
    return await turn;
  }
}
