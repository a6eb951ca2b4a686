import type { Hono } from 'hono';
import type { Client } from '../domain/client.ts';

/** Who looks at the console: the operator sees everything, a client its own tasks only. */
export type Viewer = { readonly kind: 'operator' } | { readonly kind: 'client'; readonly client: Client };

export interface ConsoleEnv {
  Variables: { viewer: Viewer };
}

export type ConsoleApp = Hono<ConsoleEnv>;

/** The client whose tasks alone may be seen, or null: all. */
export function scopeOf(viewer: Viewer): string | null {
  return viewer.kind === 'client' ? viewer.client.id : null;
}
