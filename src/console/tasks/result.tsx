import { findModel } from '../../domain/models/catalog.ts';
import { resultUrls } from '../../domain/result-urls.ts';
import { isSafeLink } from '../../domain/safe-link.ts';
import { isEnded } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';
import { WebLink } from '../components/web-link.tsx';

const MAX_SHOWN = 12;

/** The video or the pictures themselves, from where upstream keeps them. */
export function Result({ task }: { task: Task }) {
  if (!isEnded(task) || task.phase.state !== 'succeeded') return null;
  const urls = resultUrls(task.phase.resultJson);
  const isVideo =
    findModel(task.model)?.pricing?.per !== 'image' && !/image/.test(task.model.split('-to-').at(-1) ?? '');
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">Result</h2>
      {urls.length === 0 ? <p class="dim">Upstream gave no link.</p> : null}
      {urls.slice(0, MAX_SHOWN).map((url, i) => (
        <figure data-keep={url}>
          <Media url={url} isVideo={isVideo} number={i + 1} />
          <figcaption>
            <WebLink url={url} />
          </figcaption>
        </figure>
      ))}
      {urls.length > MAX_SHOWN ? (
        <p class="hint">And {urls.length - MAX_SHOWN} more, in the callback.</p>
      ) : null}
      {urls.length === 0 ? null : <p class="hint">Links expire: store the file, not the link.</p>}
    </section>
  );
}

/** Nothing is fetched from an address that is not even shown as a link. */
function Media({ url, isVideo, number }: { url: string; isVideo: boolean; number: number }) {
  if (!isSafeLink(url)) return null;
  return isVideo ? (
    <video src={url} controls preload="metadata" playsinline aria-label={`Result ${number}`}></video>
  ) : (
    <img src={url} alt={`Result ${number} of the task`} loading="lazy" />
  );
}
