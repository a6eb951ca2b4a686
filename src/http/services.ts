import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Inbox } from '../delivery/inbox.ts';
import type { SendSigned } from '../delivery/send-signed.ts';
import type { Engine } from '../engine/deps.ts';
import type { KnownClients } from '../engine/known-clients.ts';
import type { KnownModels, Models } from '../engine/known-models.ts';
import type { IntakeDeps } from '../engine/new-task.ts';
import type { Client } from '../domain/client.ts';
import type { SignInWaits } from './sign-in-waits.ts';
import type { AuditStore } from '../store/audit.ts';
import type { SessionStore } from '../store/sessions.ts';
import type { RefusedPosts } from '../engine/refused-posts.ts';
import type { MetricsStore } from '../store/metrics.ts';
import type { OverviewStore } from '../store/overview.ts';
import type { RefusedPostStore } from '../store/refused-posts.ts';
import type { StatsStore } from '../store/stats.ts';
import type { UsageStore } from '../store/usage.ts';
import type { TaskCount, TaskSearch } from '../store/task-search.ts';

/** Counts calls by a key; Cloudflare's rate limiting binding is one. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** What the routes reach the world through. */
export interface Services extends IntakeDeps, Engine {
  readonly knownClients: KnownClients;
  readonly knownModels: KnownModels;
  readonly models: Models;
  readonly stats: StatsStore;
  readonly usage: UsageStore;
  readonly metrics: MetricsStore;
  /** Those of this isolate that are not stored yet. */
  readonly refusedPosts: RefusedPosts;
  readonly refusals: RefusedPostStore;
  readonly audits: AuditStore;
  readonly sessions: SessionStore;
  readonly sendSigned: SendSigned;
  /** The console's own: its built-in callback inbox, its figures and its search. */
  readonly inbox: Inbox;
  readonly overview: OverviewStore;
  readonly searchTasks: TaskSearch;
  readonly countTasks: TaskCount;
  readonly signInWaits: SignInWaits;
  readonly rates: { readonly client: RateLimiter; readonly failedSignIn: RateLimiter };
}

/** What a request carries once its sender is known. */
export interface AppEnv {
  Variables: { client: Client };
}

export type App = OpenAPIHono<AppEnv>;
