import { kindOfUrl } from '../../domain/link-kind.ts';
import type { Media } from '../../domain/models/model.ts';
import { resultUrls } from '../../domain/result-urls.ts';
import { isSafeLink } from '../../domain/safe-link.ts';
import { isEnded } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';
import { WebLink } from '../components/web-link.tsx';

const MAX_SHOWN = 12;

/** The video or the pictures themselves, from where upstream keeps them. */
export function Result({ task }: { task: Task }) {
  if (!isEnded(task) || task.phase.state !== 'succeeded') return null;
  const { media } = task;
  const urls = resultUrls(task.phase.resultJson, media);
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">Result</h2>
      {urls.length === 0 ? <p class="dim">Upstream gave no link.</p> : null}
      {urls.slice(0, MAX_SHOWN).map((url, i) => (
        <figure data-keep={url}>
          <Shown url={url} media={shows(url, media)} number={i + 1} />
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
function Shown({ url, media, number }: { url: string; media: Media; number: number }) {
  if (!isSafeLink(url)) return null;
  const label = `Result ${number}`;
  if (media === 'video')
    return <video src={url} controls preload="metadata" playsinline aria-label={label}></video>;
  if (media === 'audio') return <audio src={url} controls preload="metadata" aria-label={label}></audio>;
  return <img src={url} alt={`${label} of the task`} loading="lazy" />;
}

/** By what the link says; a video model may have given pictures alone. */
function shows(url: string, media: Media | null): Media {
  const kind = kindOfUrl(url);
  return kind === null ? (media ?? 'video') : kind === 'video' ? 'video' : 'image';
}
