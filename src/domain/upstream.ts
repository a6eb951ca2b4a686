/** How a task ended, in upstream's own words. */
export type UpstreamEnd =
  | {
      readonly state: 'succeeded';
      /** Upstream's `resultJson` as text; only its links where it was too long to keep. */
      readonly resultJson: string | null;
      readonly costTimeMs: number | null;
      readonly completedAt: number | null;
    }
  | {
      readonly state: 'failed';
      readonly failCode: string | null;
      readonly failMessage: string | null;
      readonly costTimeMs: number | null;
      readonly completedAt: number | null;
    };

/** What upstream said to createTask; the states of the world that Ringback tells apart, and no more. */
export type CreateAnswer =
  | { readonly kind: 'created'; readonly upstreamTaskId: string }
  /** 400 or 422: the input is at fault. */
  | { readonly kind: 'invalid'; readonly code: 400 | 422; readonly message: string }
  /** 402: the upstream balance does not cover it. */
  | { readonly kind: 'no-credits'; readonly message: string }
  /** 401: the upstream key is at fault. */
  | { readonly kind: 'unauthorized'; readonly message: string }
  /** Any other 4xx: refused, and not for a reason that waiting cures. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  /** 409: the key's limit of active tasks is reached. */
  | { readonly kind: 'full'; readonly message: string }
  /** 429: nothing more of this key for `retryAfterMs`. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number; readonly message: string }
  /** 5xx, timeout, no connection, or an answer that is no envelope: nobody knows whether the task was made. */
  | { readonly kind: 'unavailable'; readonly message: string };

/** What upstream said to recordInfo. */
export type RecordAnswer =
  /** Also every state that we do not know: only words that mean success or failure end a task. */
  | { readonly kind: 'running' }
  /** Success, without any link to a result so far; with upstream's words, where it gave some. */
  | { readonly kind: 'unlinked'; readonly failCode: string | null; readonly failMessage: string | null }
  | { readonly kind: 'ended'; readonly end: UpstreamEnd }
  /** 404. */
  | { readonly kind: 'missing' }
  /** 429: no poll of this key for `retryAfterMs`, and then one in `intervalMs` at the most, where upstream says so. */
  | {
      readonly kind: 'limited';
      readonly retryAfterMs: number;
      readonly intervalMs: number | null;
      readonly message: string;
    }
  /** 401, or another 4xx: polling goes on, but somebody has to know. */
  | { readonly kind: 'refused'; readonly message: string; readonly isUnauthorized: boolean }
  | { readonly kind: 'unavailable'; readonly message: string };

/** What createTask is asked with. */
export interface CreateRequest {
  readonly apiKey: string;
  /** The task's own id: upstream answers the same task to the same id, so asking twice costs nothing. */
  readonly requestId: string;
  readonly model: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The upstream API as the engine sees it. Neither call ever rejects: what goes wrong is an answer too. */
export interface Upstream {
  create(request: CreateRequest): Promise<CreateAnswer>;
  record(apiKey: string, upstreamTaskId: string): Promise<RecordAnswer>;
}
