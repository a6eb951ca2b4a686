import { DurableObject } from 'cloudflare:workers';
import { createUpstreamApp } from './app.ts';
import image from './assets/result.png';
import video from './assets/result.mp4';
import { UpstreamSimulator } from './simulator.ts';

interface SandboxEnv {
  SIMULATOR: DurableObjectNamespace<SimulatorObject>;
  TIME_SCALE: string;
}

/** The one simulator that every isolate shares. */
export class SimulatorObject extends DurableObject<SandboxEnv> {
  private readonly app = createUpstreamApp({
    simulator: new UpstreamSimulator({
      now: Date.now,
      random: Math.random,
      timeScale: timeScaleOf(this.env.TIME_SCALE),
      ledger: this.ctx.storage.kv,
    }),
    files: { video, image },
  });

  override fetch(request: Request): Response | Promise<Response> {
    return this.app.fetch(request);
  }
}

export default {
  fetch(request, env): Promise<Response> {
    return env.SIMULATOR.getByName('sandbox').fetch(request);
  },
} satisfies ExportedHandler<SandboxEnv>;

function timeScaleOf(text: string): number {
  const scale = Number(text);
  if (!Number.isFinite(scale) || scale < 0)
    throw new Error(`TIME_SCALE must be a number of at least 0, not ${text}`);
  return scale;
}
