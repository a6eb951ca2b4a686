import { createMiddleware } from 'hono/factory';
import type { Config } from '../config.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { logWarning } from '../engine/log.ts';

/** A setting that is right on a developer's machine, and a danger elsewhere. */
export interface Risk {
  readonly title: string;
  readonly advice: string;
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * What is dangerous about how Ringback is configured; not refused, because it may be meant so.
 *
 * @param host the name that it is reached by, without port; null where nobody has asked yet.
 */
export function risksOf({ upstreamUrl, allowPrivateCallbacks }: Config, host: string | null): Risk[] {
  const upstream = new URL(upstreamUrl);
  const risks: Risk[] = [];
  if (upstream.protocol === 'http:' && !LOOPBACK.test(upstream.hostname)) {
    risks.push({
      title: 'UPSTREAM_URL begins with http:',
      advice: `Whoever is between here and ${upstream.hostname} reads the upstream key and every prompt. Use https:.`,
    });
  }
  if (allowPrivateCallbacks && host !== null && isPublic(host)) {
    risks.push({
      title: 'ALLOW_PRIVATE_CALLBACKS is true',
      advice: `It is for development only, and ${host} is public: every client can have addresses of your network called. Set it to false.`,
    });
  }
  return risks;
}

/** Logs each risk once in the life of an isolate: at its start, and as soon as it is known by which name it is reached. */
export function warnOfRisks(config: Config) {
  const told = new Set<string>();
  const warn = (host: string | null): void => {
    for (const { title, advice } of risksOf(config, host)) {
      if (!told.has(title)) logWarning(`${title}. ${advice}`);
      told.add(title);
    }
  };
  warn(null);
  return createMiddleware(async (c, next) => {
    warn(new URL(c.req.url).hostname);
    await next();
  });
}

/** A host that callbacks might go to is one that strangers can reach. */
function isPublic(host: string): boolean {
  return judgeCallbackUrl(`https://${host}/`, { allowPrivate: false, ownHosts: [] }).ok;
}
