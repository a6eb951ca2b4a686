// Made from /openapi.json by `npm run client:types`; `npm run check` fails where it is not up to date.

export type Task = {
  id: string;
  model: string;
  state: "queued" | "running" | "succeeded" | "failed" | "canceled";
  /** The first of `result_urls`, or null. */
  result_url: string | null;
  /** The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only where there is nothing else. */
  result_urls: string[];
  error_code: "upstream_failed" | "upstream_refused" | "insufficient_credits" | "timed_out" | "upstream_lost" | "no_result" | null;
  error_message: string | null;
  input: { [name: string]: unknown };
  metadata: { [name: string]: string | number | boolean | null };
  /** The links as upstream gave them. */
  source_urls: string[];
  estimated_credits: number | null;
  created_at: string;
  /** When upstream took it. */
  submitted_at: string | null;
  completed_at: string | null;
  /** From `created_at` to `completed_at`. */
  duration_ms: number | null;
  /** Why and where a `queued` task waits here; null for all others. */
  queue: {
    reason: "upstream_full" | "upstream_limited" | "upstream_failing" | "client_limit" | "not_asked_yet";
    /** In words: what it waits for. */
    problem: string | null;
    /** Of those that wait for the same upstream key; 1 goes next. Null behind 500 or more, in lists and results. */
    position: number | null;
    /** From how long such tasks take; null where nothing is known, and without a position. */
    estimated_wait_seconds: number | null;
  } | null;
  callback: {
    url: string;
    state: "waiting" | "pending" | "delivered" | "failed";
    attempts: number;
    last_status: number | null;
    next_attempt_at: string | null;
    delivered_at: string | null;
  } | null;
};

export type TaskRequest = {
  model: "seedance-2.0-reference-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt?: string | null;
    /** Public http(s) URLs of images to follow for subject, style and scene. */
    reference_image_urls?: string[] | null;
    /** Public http(s) URLs of videos to follow for motion, camera and rhythm. */
    reference_video_urls?: string[] | null;
    /** Public http(s) URLs of audio to follow for timing and soundtrack. */
    reference_audio_urls?: string[] | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "seedance-2.0-text-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "seedance-2.0-image-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "seedance-2.0-fast-text-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "seedance-2.0-fast-image-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "gpt-image-2-text-to-image";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the image, such as auto, 1:1 or 16:9. */
    aspect_ratio?: string | null;
    /** Resolution of the image. The price depends on it. */
    resolution?: "1K" | "2K" | "4K" | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
} | {
  model: "gpt-image-2-image-to-image";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the image, such as auto, 1:1 or 16:9. */
    aspect_ratio?: string | null;
    /** Resolution of the image. The price depends on it. */
    resolution?: "1K" | "2K" | "4K" | null;
  };
  callback_url?: string | null;
  /** At most 10, sent with the callback; sealed at rest and never read back. */
  callback_headers?: { [name: string]: string } | null;
  /** Yours: it comes back with the task and its callback. */
  metadata?: { [name: string]: string | number | boolean | null } | null;
  /** False: no copies of its result are kept, and its links are upstream's, which expire. True changes nothing. */
  keep_result?: boolean | null;
  /** Without an end by then the task fails with `timed_out`. */
  timeout_seconds?: number | null;
};

export type AttemptPage = {
  data: Attempt[];
  next_cursor: string | null;
};

export type Attempt = {
  number: number;
  at: string;
  status: number | null;
  duration_ms: number;
  outcome: "delivered" | "retry" | "stopped" | "exhausted";
  /** What happened and what follows, in words. */
  detail: string;
  next_attempt_at: string | null;
};

export type Problem = {
  type: "urn:problem-type:ringback:not-json" | "urn:problem-type:ringback:not-utf-8" | "urn:problem-type:ringback:not-json-rpc" | "urn:problem-type:ringback:unauthorized" | "urn:problem-type:ringback:forged" | "urn:problem-type:ringback:insufficient-credits" | "urn:problem-type:ringback:daily-credit-limit" | "urn:problem-type:ringback:not-found" | "urn:problem-type:ringback:method-not-allowed" | "urn:problem-type:ringback:already-ended" | "urn:problem-type:ringback:not-ended" | "urn:problem-type:ringback:no-callback" | "urn:problem-type:ringback:idempotency-key-reused" | "urn:problem-type:ringback:too-many-subscriptions" | "urn:problem-type:ringback:subscription-deleted" | "urn:problem-type:ringback:client-revoked" | "urn:problem-type:ringback:built-in-model" | "urn:problem-type:ringback:too-many-models" | "urn:problem-type:ringback:body-too-large" | "urn:problem-type:ringback:not-json-type" | "urn:problem-type:ringback:encoded-body" | "urn:problem-type:ringback:range-not-satisfiable" | "urn:problem-type:ringback:validation-failed" | "urn:problem-type:ringback:upstream-rejected-input" | "urn:problem-type:ringback:rate-limited" | "urn:problem-type:ringback:queue-full" | "urn:problem-type:ringback:internal-error" | "urn:problem-type:ringback:upstream-refused-key" | "urn:problem-type:ringback:upstream-refused" | "urn:problem-type:ringback:database-unavailable" | "urn:problem-type:ringback:misconfigured" | "urn:problem-type:ringback:no-upstream-key";
  title: string;
  status: number;
  detail: string;
  errors?: ({
    path: string;
    message: string;
  })[];
};

export type Callback = {
  type: "task.succeeded" | "task.failed" | "task.canceled";
  /** Of what happened: the same in each delivery of it. */
  event_id: string;
  /** Of the end. */
  timestamp: string;
  id: string;
  model: string;
  state: "succeeded" | "failed" | "canceled";
  /** The first of `result_urls`, or null. */
  result_url: string | null;
  /** The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only where there is nothing else. */
  result_urls: string[];
  /** The links as upstream gave them. */
  source_urls: string[];
  error_code: "upstream_failed" | "upstream_refused" | "insufficient_credits" | "timed_out" | "upstream_lost" | "no_result" | null;
  error_message: string | null;
  metadata: { [name: string]: string | number | boolean | null };
  estimated_credits: number | null;
  created_at: string;
  /** When upstream took it. */
  submitted_at: string | null;
  completed_at: string | null;
  /** From `created_at` to `completed_at`. */
  duration_ms: number | null;
};

export type CallbackFailed = {
  type: "callback.failed";
  /** Of what happened: the same in each delivery of it. */
  event_id: string;
  /** When the callback was given up. */
  timestamp: string;
  id: string;
  model: string;
  state: "succeeded" | "failed" | "canceled";
  callback_url: string | null;
  attempts: number;
  last_status: number | null;
  /** The first of `result_urls`, or null. */
  result_url: string | null;
  /** The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only where there is nothing else. */
  result_urls: string[];
  /** The links as upstream gave them. */
  source_urls: string[];
  error_code: "upstream_failed" | "upstream_refused" | "insufficient_credits" | "timed_out" | "upstream_lost" | "no_result" | null;
  error_message: string | null;
  metadata: { [name: string]: string | number | boolean | null };
  estimated_credits: number | null;
  created_at: string;
  /** When upstream took it. */
  submitted_at: string | null;
  completed_at: string | null;
  /** From `created_at` to `completed_at`. */
  duration_ms: number | null;
};

export type CallbackTestBody = {
  type: "callback.test";
  /** Of what happened: the same in each delivery of it. */
  event_id: string;
  timestamp: string;
  id: string;
  model: string;
  state: "succeeded";
  /** The first of `result_urls`, or null. */
  result_url: string | null;
  /** The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only where there is nothing else. */
  result_urls: string[];
  /** The links as upstream gave them. */
  source_urls: string[];
  error_code: "upstream_failed" | "upstream_refused" | "insufficient_credits" | "timed_out" | "upstream_lost" | "no_result" | null;
  error_message: string | null;
  metadata: { [name: string]: string | number | boolean | null };
  estimated_credits: number | null;
  created_at: string;
  /** When upstream took it. */
  submitted_at: string | null;
  completed_at: string | null;
  /** From `created_at` to `completed_at`. */
  duration_ms: number | null;
};

export type RecordEnvelope = {
  /** Repeats the HTTP status. */
  code: number;
  msg: string;
  data: Record;
};

export type Record = {
  taskId: string;
  model: string;
  state: "waiting" | "success" | "fail";
  /** The request, a JSON string. */
  param: string;
  resultJson: string | null;
  failCode: string | null;
  failMsg: string | null;
  costTime: number | null;
  completeTime: number | null;
  createTime: number;
};

export type TaskPage = {
  data: Task[];
  next_cursor: string | null;
};

export type Event = {
  type: "task.running" | "task.succeeded" | "task.failed" | "task.canceled" | "callback.failed";
  /** Of what happened: the same in each delivery of it. */
  event_id: string;
  timestamp: string;
  id: string;
  model: string;
  state: "running" | "succeeded" | "failed" | "canceled";
  /** Of `callback.failed`: where it went. */
  callback_url?: string;
  attempts?: number;
  last_status?: number | null;
  /** The first of `result_urls`, or null. */
  result_url: string | null;
  /** The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only where there is nothing else. */
  result_urls: string[];
  /** The links as upstream gave them. */
  source_urls: string[];
  error_code: "upstream_failed" | "upstream_refused" | "insufficient_credits" | "timed_out" | "upstream_lost" | "no_result" | null;
  error_message: string | null;
  metadata: { [name: string]: string | number | boolean | null };
  estimated_credits: number | null;
  created_at: string;
  /** When upstream took it. */
  submitted_at: string | null;
  completed_at: string | null;
  /** From `created_at` to `completed_at`. */
  duration_ms: number | null;
};

export type Subscription = {
  id: string;
  url: string;
  events: ("task.running" | "task.succeeded" | "task.failed" | "task.canceled" | "callback.failed" | "receiver.failing" | "receiver.recovered" | "upstream.failing" | "upstream.recovered" | "credits.exhausted" | "spending.near")[];
  models: string[] | null;
  format: "json" | "slack" | "discord" | "teams";
  description: string | null;
  state: "active" | "stopped";
  /** In words: what stopped it. */
  stopped_reason: string | null;
  created_at: string;
  /** As of at most a minute ago. */
  last_delivered_at: string | null;
  /** What it answered last; null if it did not. */
  last_status: number | null;
};

export type SubscriptionRequest = {
  url: string;
  /** By default task.succeeded, task.failed, task.canceled. */
  events?: ("task.running" | "task.succeeded" | "task.failed" | "task.canceled" | "callback.failed")[] | null;
  /** Ids of models; by default all. */
  models?: string[] | null;
  /** At most 10, sent with each message; sealed at rest and never read back. */
  headers?: { [name: string]: string } | null;
  /** `json`, the default, is the flat body; the others are a sentence for a chat. */
  format?: "json" | "slack" | "discord" | "teams" | null;
  description?: string | null;
};

export type Model = {
  id: string;
  title: string;
  /** JSON Schema of `input`. */
  input_schema: { [name: string]: unknown };
  /** Null where upstream publishes no price. */
  credits: {
    per: "second" | "image";
    by_resolution: { [name: string]: number };
  } | {
    per: "task";
    flat: number;
  } | null;
};

export type Estimate = {
  credits: number | null;
};

export type EstimateRequest = {
  model: "seedance-2.0-reference-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt?: string | null;
    /** Public http(s) URLs of images to follow for subject, style and scene. */
    reference_image_urls?: string[] | null;
    /** Public http(s) URLs of videos to follow for motion, camera and rhythm. */
    reference_video_urls?: string[] | null;
    /** Public http(s) URLs of audio to follow for timing and soundtrack. */
    reference_audio_urls?: string[] | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
} | {
  model: "seedance-2.0-text-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
} | {
  model: "seedance-2.0-image-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
} | {
  model: "seedance-2.0-fast-text-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
} | {
  model: "seedance-2.0-fast-image-to-video";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins. */
    aspect_ratio?: string | null;
    /** Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`. */
    ratio?: string | null;
    /** Resolution of the video. The price depends on it. */
    resolution?: "480p" | "720p" | "1080p" | null;
    /** Length of the video in seconds, above 0 and at most 3,600. The price depends on it. */
    duration?: number | null;
    /** Whether the video gets a soundtrack. */
    generate_audio?: boolean | null;
    /** Whether the model may look things up on the web. */
    web_search?: boolean | null;
    /** Whether the platform's content filter is on. False turns it off. */
    nsfw_checker?: boolean | null;
  };
} | {
  model: "gpt-image-2-text-to-image";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Shape of the image, such as auto, 1:1 or 16:9. */
    aspect_ratio?: string | null;
    /** Resolution of the image. The price depends on it. */
    resolution?: "1K" | "2K" | "4K" | null;
  };
} | {
  model: "gpt-image-2-image-to-image";
  input: {
    /** What to make, in words. At most 20,000 characters. */
    prompt: string;
    /** Public http(s) URLs of the images to start from. The first one is the main image. */
    image_urls: string[];
    /** Shape of the image, such as auto, 1:1 or 16:9. */
    aspect_ratio?: string | null;
    /** Resolution of the image. The price depends on it. */
    resolution?: "1K" | "2K" | "4K" | null;
  };
};

export type Redeliveries = {
  /** Tasks that ended from here on. */
  since: string;
  /** Until here; now, unless given. */
  until?: string | null;
  callback_state: "failed";
};

export type RedeliveriesResult = {
  /** Callbacks that are due again. */
  redelivered: number;
  /** Not null where there are more than one request sends: ask again with this as `since`. */
  next_since: string | null;
};

export type CallbackTest = {
  url: string;
  headers?: { [name: string]: string } | null;
};

export type CallbackTestResult = {
  ok: boolean;
  status: number | null;
  duration_ms: number;
  problem: "forbidden_address" | "redirect" | "timeout" | "connection" | "tls" | "not_found" | "unauthorized" | "method" | "rate_limited" | "server_error" | "rejected" | null;
  /** What it means and what to change. */
  advice: string | null;
};
