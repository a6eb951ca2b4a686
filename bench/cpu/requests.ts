import { measured, type Measured } from './measured.ts';
import type { World } from './minutes.ts';
import { newClient, poster } from './posts.ts';
import { ORIGIN, startMeasured, type MeasuredRelay } from './relay.ts';
import type { Spent } from './spent.ts';

/** Fresh isolates, and requests to each once V8 has seen them often. */
const ISOLATES = 3;
const WARM_UP = 30;
const REQUESTS = 100;
const PAGES = 50;
const SECONDS = 600;

/** What evaluating the Worker takes, and requests: the first of a fresh isolate, and others. */
export async function measureRequests({ built, upstream, sink }: World): Promise<Measured[]> {
  const rounds: Record<'cold' | 'firstPost' | 'post' | 'firstPage' | 'page', Spent[]> = {
    cold: [],
    firstPost: [],
    post: [],
    firstPage: [],
    page: [],
  };
  for (let isolate = 0; isolate < ISOLATES; isolate++) {
    const relay = await startMeasured(built, upstream, 1);
    const http = async (work: () => Promise<unknown>): Promise<Spent> => await relay.profiled('http', work);
    rounds.cold.push(await http(async () => await relay.evaluate('http')));
    // The client is made in another isolate: what is measured is the post.
    const post = poster(relay, await newClient(relay, 0), sink);
    rounds.firstPost.push(await http(async () => await post(SECONDS)));
    await times(WARM_UP, async () => await post(SECONDS));
    rounds.post.push(await http(async () => await times(REQUESTS, async () => await post(SECONDS))));
    let cookie = '';
    rounds.firstPage.push(
      await http(async () => {
        cookie = await signIn(relay);
        await page(relay, cookie);
      }),
    );
    await times(WARM_UP, async () => await page(relay, cookie));
    rounds.page.push(await http(async () => await times(PAGES, async () => await page(relay, cookie))));
    await relay.stop();
  }
  return [
    measured('a cold start: the Worker is evaluated', rounds.cold),
    measured('the first post of an isolate', rounds.firstPost),
    measured('a post', rounds.post, REQUESTS),
    measured("the console's first page of an isolate, with the sign-in", rounds.firstPage),
    measured('a page of the console: the overview', rounds.page, PAGES),
  ];
}

async function times(count: number, work: () => Promise<void>): Promise<void> {
  for (let each = 0; each < count; each++) await work();
}

async function signIn(relay: MeasuredRelay): Promise<string> {
  const response = await relay.fetch('http', `${ORIGIN}/console/sign-in`, {
    method: 'POST',
    headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ credential: relay.adminToken }).toString(),
    redirect: 'manual',
  });
  await response.text();
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined)
    throw new Error(`The console's sign-in answered ${response.status}, and no cookie.`);
  return cookie;
}

async function page(relay: MeasuredRelay, cookie: string): Promise<void> {
  const response = await relay.fetch('http', `${ORIGIN}/console`, {
    headers: { cookie },
    redirect: 'manual',
  });
  await response.text();
  if (response.status !== 200) throw new Error(`The console answered ${response.status}.`);
}
