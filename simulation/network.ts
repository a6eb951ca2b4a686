import type { Chaos } from './chaos.ts';
import { currentInvocation } from './invocation.ts';
import { answerFile, drips, FILES_HOST } from './files.ts';
import type { FileReply } from './files.ts';
import type { Invocation, RelayClock } from './invocation.ts';
import type { Ledger, Send } from './ledger.ts';
import type { Answered, ReceiverAnswer, ReceiverKind, Receivers } from './receivers.ts';
import { RECEIVER_KINDS } from './receivers.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Upstream, UpstreamReply } from './upstream.ts';

const DROP_MS = 100;

export interface Wires {
  readonly timeline: Timeline;
  readonly clock: RelayClock;
  readonly chaos: Chaos;
  readonly trace: Trace;
  readonly ledger: Ledger;
  readonly upstream: Upstream;
  readonly receivers: Receivers;
  /** How a host keeps silent now; null where it does not. */
  readonly silenceOf: (host: string) => 'hang' | 'reset' | null;
  /** Called as an invocation sends something, and again where that is a callback. */
  readonly onFetch: (by: Invocation, request: Outgoing) => void;
  readonly onSend: (send: Send) => void;
}

/** A request as Ringback sends it. */
export interface Outgoing {
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** The network as Ringback sees it: `fetch`, to upstream and to receivers. */
export class Network {
  private readonly wires: Wires;

  constructor(wires: Wires) {
    this.wires = wires;
  }

  fetch: typeof fetch = async (input, init = {}) => {
    const invocation = currentInvocation();
    await invocation.whileAlive();
    const url = new URL(input instanceof Request ? input.url : input);
    const outgoing = {
      url,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : '',
    };
    const isUpstream = url.host === 'upstream.test' || url.host === FILES_HOST;
    invocation.fetches++;
    invocation.waiting++;
    this.wires.onFetch(invocation, outgoing);
    const send = isUpstream ? null : this.note(outgoing, invocation);
    const answered = this.exchange(outgoing, invocation, send);
    try {
      const response = await abortable(answered, init.signal ?? null);
      if (send !== null) Object.assign(send, { status: response.status, answeredAt: this.wires.clock.now() });
      return response;
    } finally {
      invocation.waiting--;
      if (send !== null) send.endedAt = this.wires.timeline.nowMs;
      await invocation.whileAlive();
    }
  };

  private note({ url, headers, body }: Outgoing, by: Invocation): Send {
    const webhookId = headers.get('webhook-id') ?? '';
    const [, ulid = '', notice, subscription] = MESSAGE_ID.exec(webhookId) ?? [];
    const send: Send = {
      taskId: `task_${ulid}`,
      webhookId,
      isNotice: notice !== undefined || subscription !== undefined,
      subscriptionId: subscription === undefined ? null : `sub_${subscription}`,
      url: url.href,
      body,
      headers: Object.fromEntries(headers),
      relayAt: this.wires.clock.now(),
      sentAt: this.wires.timeline.nowMs,
      by,
      endedAt: null,
      answeredAt: null,
      status: null,
      retryAfter: null,
    };
    this.wires.onSend(send);
    this.wires.ledger.sends.push(send);
    return send;
  }

  /** The way there, the answer, the way back. */
  private async exchange(outgoing: Outgoing, by: Invocation, send: Send | null): Promise<Response> {
    const { timeline, chaos, trace } = this.wires;
    const what = send === null ? outgoing.url.pathname : `${send.webhookId} to ${outgoing.url.href}`;
    const fate = chaos.sending();
    if (fate !== 'fine') trace.add(`${by.name}  ${what}: ${fate}`);
    if (fate === 'dies-before') by.kill();
    await by.whileAlive();
    await timeline.pass(chaos.latencyMs());
    const answer = send === null ? this.askUpstream(outgoing) : this.askReceiver(outgoing, send);
    const thinksMs = typeof answer === 'string' || 'bytes' in answer ? 0 : (answer.afterMs ?? 0);
    trace.add(`${by.name}  ${what} ← ${typeof answer === 'string' ? answer : answer.status}`);
    if (fate === 'dies-after') by.kill();
    if (answer === 'hang') return await new Promise<never>(() => undefined);
    await timeline.pass(thinksMs + chaos.latencyMs());
    await by.whileAlive();
    if (answer === 'reset') throw new TypeError('Network connection lost.');
    if ('bytes' in answer)
      return new Response(answer.bytes ?? drips(timeline), {
        status: answer.status,
        headers: answer.headers,
      });
    if ('body' in answer)
      return new Response(answer.body, { status: answer.status, headers: answer.headers ?? {} });
    if (send !== null) send.retryAfter = answer.retryAfter ?? null;
    return this.responseOf(answer);
  }

  private askUpstream({ url, headers, body }: Outgoing): UpstreamReply | FileReply {
    if (url.host === FILES_HOST) return answerFile(url, this.wires.chaos, this.wires.upstream);
    return this.wires.upstream.answer(url, headers, body);
  }

  private askReceiver({ url }: Outgoing, { webhookId }: Send): ReceiverAnswer {
    const { chaos, receivers, timeline } = this.wires;
    const silent = this.wires.silenceOf(url.host);
    if (silent !== null) return silent;
    const kind = kindOf(url);
    const struck = chaos.receiver();
    const isStruck = struck !== null && receivers.mayFail(kind, webhookId, timeline.nowMs);
    if (isStruck && struck === 'lost-before') return 'reset';
    const answer = receivers.answer(kind, webhookId, timeline.nowMs);
    if (!isStruck) return answer;
    return struck === 'hang-after' ? 'hang' : 'reset';
  }

  private responseOf({ status, retryAfter, endless, location, words }: Answered): Response {
    const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    if (status >= 300 && status < 400) headers.set('location', location ?? 'https://elsewhere.example.com/');
    if (words !== undefined) headers.set('content-length', String(words.length));
    const body =
      status === 204 ? null : endless === true ? this.endlessBody() : (words ?? `answered ${status}`);
    return new Response(body, { status, headers });
  }

  private endlessBody(): ReadableStream<Uint8Array> {
    const drop = new TextEncoder().encode('drop ');
    const { timeline } = this.wires;
    return new ReadableStream({
      async pull(controller) {
        await timeline.pass(DROP_MS);
        controller.enqueue(drop);
      },
    });
  }
}

/** Of a callback, of its notice, and of what a subscription is told. */
const MESSAGE_ID = /^msg_([^_]+)(?:(_failed_\d+)|(?:_running|_givenup_\d+)?_sub_([^_]+))?$/;

/** The kind is the first part of a receiver's path; alarm receivers are well or broken. */
function kindOf(url: URL): ReceiverKind {
  const [, name = ''] = url.pathname.split('/');
  return RECEIVER_KINDS.find((kind) => kind === name) ?? 'well';
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return await work;
  return await new Promise<T>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}
