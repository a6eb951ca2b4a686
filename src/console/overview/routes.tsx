import type { Context } from 'hono';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page, PageHead } from '../layout.tsx';
import type { Services } from '../../http/services.ts';
import { attentionOf } from './attention.ts';
import { Live } from './live.tsx';
import { readOverview, SPANS, spanOf } from './read.ts';
import type { Looker, SpanName } from './read.ts';

/** How Ringback is doing, at a glance; the part that changes is asked for again by itself. */
export function registerOverview(app: ConsoleApp, services: Services): void {
  app.get('/', async (c) => {
    const span = spanOf(c.req.query('span'));
    const viewer = c.get('viewer');
    const overview = await readOverview(services, lookerOf(c), span);
    return await c.html(
      <Page title="Overview" viewer={viewer} section="overview">
        <PageHead
          title="Overview"
          note={viewer.kind === 'client' ? `Tasks of ${viewer.client.name}` : 'All clients'}
        >
          <SpanTabs span={span} />
        </PageHead>
        <div id="live" data-refresh={`/console/live?span=${span}`} data-every="10">
          <Live overview={overview} attention={attentionOf(overview)} />
        </div>
      </Page>,
    );
  });

  app.get('/live', async (c) => {
    const overview = await readOverview(services, lookerOf(c), spanOf(c.req.query('span')));
    return await c.html(<Live overview={overview} attention={attentionOf(overview)} />);
  });
}

function lookerOf(c: Context<ConsoleEnv>): Looker {
  return { viewer: c.get('viewer'), host: new URL(c.req.url).hostname };
}

function SpanTabs({ span }: { span: SpanName }) {
  return (
    <nav class="segments" aria-label="Time span">
      {Object.entries(SPANS).map(([name, { title }]) => (
        <a href={`/console?span=${name}`} aria-current={name === span ? 'true' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}
