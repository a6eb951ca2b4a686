import { AUDITED } from '../../http/audit.ts';
import type { Services } from '../../http/services.ts';
import type { AuditEntry } from '../../store/audit.ts';
import { Empty } from '../components/notice.tsx';
import { Time } from '../components/time.tsx';
import type { ConsoleApp } from '../env.ts';
import { Page, PageHead } from '../layout.tsx';
import { operatorOnly } from '../operator-only.ts';

const PAGE = 50;
const WORDS: Readonly<Record<string, string>> = AUDITED;

/** What operators did: the operator's alone. */
export function registerAuditPage(app: ConsoleApp, services: Services): void {
  app.use('/audit', operatorOnly);

  app.get('/audit', async (c) => {
    const before = c.req.query('before') ?? null;
    const [found, clients] = await Promise.all([
      services.audits.list(before !== null && /^audit_[0-9a-z]+$/.test(before) ? before : null, PAGE + 1),
      services.stores.clients.list(),
    ]);
    const entries = found.slice(0, PAGE);
    const names = new Map(clients.map(({ id, name }) => [id, name]));
    return await c.html(
      <Page title="Audit log" viewer={c.get('viewer')} section="audit">
        <PageHead
          title="Audit log"
          note="What operators did, for 400 days. All operators share one token, so nobody knows which of them it was."
        />
        <Entries entries={entries} names={names} />
        {found.length <= PAGE ? null : (
          <nav class="pages" aria-label="Pages">
            <a class="button" href={`/console/audit?before=${entries.at(-1)?.id ?? ''}`} rel="next">
              Older ones
            </a>
          </nav>
        )}
      </Page>,
    );
  });
}

function Entries({ entries, names }: { entries: readonly AuditEntry[]; names: ReadonlyMap<string, string> }) {
  if (entries.length === 0) return <Empty title="Nothing was done yet">What operators do stands here.</Empty>;
  return (
    <div class="card flush">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Client</th>
            <th scope="col">From</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ at, what, clientId, address, detail }) => (
            <tr>
              <th scope="row">
                {WORDS[what] ?? what}
                <span class="sub">{detail}</span>
              </th>
              <td data-label="Client">
                {clientId === null ? (
                  <span class="dim">none</span>
                ) : names.has(clientId) ? (
                  <a href={`/console/clients/${clientId}`}>{names.get(clientId)}</a>
                ) : (
                  <span class="mono">{clientId}</span>
                )}
              </td>
              <td data-label="From">{address ?? <span class="dim">unknown</span>}</td>
              <td data-label="When">
                <Time at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
