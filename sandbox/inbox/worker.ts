import { DurableObject } from 'cloudflare:workers';
import { createInboxApp } from './app.ts';
import { Inbox } from './inbox.ts';

interface InboxEnv {
  INBOX: DurableObjectNamespace<InboxObject>;
}

/** The one inbox that every isolate shares. */
export class InboxObject extends DurableObject<InboxEnv> {
  private readonly app = createInboxApp({
    inbox: new Inbox({ now: Date.now, ledger: this.ctx.storage.kv }),
  });

  override fetch(request: Request): Response | Promise<Response> {
    return this.app.fetch(request);
  }
}

export default {
  fetch(request, env): Promise<Response> {
    return env.INBOX.getByName('inbox').fetch(request);
  },
} satisfies ExportedHandler<InboxEnv>;
