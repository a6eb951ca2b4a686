import type { Context } from 'hono';
import { refusal, type Envelope } from './envelope.ts';
import type { Fault } from './faults.ts';
import type { UpstreamSimulator } from './simulator.ts';
import type { Endpoint } from './tiers.ts';

/** Waits for so many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

export interface Call {
  simulator: UpstreamSimulator;
  sleep: Sleep;
  endpoint: Endpoint;
  /** What the simulator says where no fault is in the way. */
  run: () => Envelope;
  /** What it says where it mixes the call up with that of another task; null where there is none. */
  other: () => Envelope | null;
}

/** Answers one call: its envelope, or the fault that was asked for. */
export async function answer(c: Context, call: Call): Promise<Response> {
  const { simulator, endpoint } = call;
  const authorization = c.req.header('authorization') ?? null;
  const fault = simulator.takeFault(endpoint, authorization);
  if (fault === null) return counted(call, call.run());
  // Where the work is to be done all the same, it is done before the wait: the caller has gone by then.
  if (fault.afterEffect && fault.kind !== 'delay') call.run();
  if (fault.delayMs > 0) await call.sleep(fault.delayMs);
  return faulty(c, call, fault);
}

function faulty(c: Context, call: Call, fault: Fault): Response {
  if (fault.kind === 'delay') return counted(call, call.run());
  if (fault.kind === 'other-task') return counted(call, call.other() ?? call.run());
  if (fault.kind === 'text-code') {
    const envelope = call.run();
    call.simulator.count(call.endpoint, String(envelope.code));
    return Response.json({ ...envelope, code: String(envelope.code) }, { status: envelope.code });
  }
  if (fault.kind === 'status') {
    call.simulator.count(call.endpoint, String(fault.status));
    return statusResponse(fault);
  }
  call.simulator.count(call.endpoint, fault.kind);
  if (fault.kind === 'malformed') return c.html('<html><body><h1>502 Bad Gateway</h1></body></html>');
  return brokenResponse();
}

function counted(call: Call, envelope: Envelope): Response {
  call.simulator.count(call.endpoint, String(envelope.code));
  return Response.json(envelope, { status: envelope.code });
}

function statusResponse(fault: Extract<Fault, { kind: 'status' }>): Response {
  const { status, retryAfter, limit, message, told } = fault;
  const isTold = status === 429 && (told === 'header' || told === 'bare');
  const headers: Record<string, string> = isTold ? { 'retry-after': String(retryAfter) } : {};
  if (isTold && told === 'bare') return new Response('Too Many Requests', { status, headers });
  const wait = { retryAfter: told === 'text' ? String(retryAfter) : retryAfter };
  const data = status === 429 && !isTold ? { ...wait, limit, tier: 'enterprise', windowSeconds: 60 } : null;
  return Response.json(refusal(status, message, data), { status, headers });
}

/** A response whose body breaks off: the caller sees a lost connection. */
function brokenResponse(): Response {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Error('The sandbox broke this connection, as it was asked to.'));
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}
