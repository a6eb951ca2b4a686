import { mediaOf } from '../../domain/models/catalog.ts';
import { kindOfUrl } from '../../domain/link-kind.ts';
import type { Media } from '../../domain/models/model.ts';
import { resultUrls } from '../../domain/result-urls.ts';
import { isEnded } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';

const MAX_SHOWN = 12;

/** The video or the pictures themselves, from where upstream keeps them. */
export function Result({ task }: { task: Task }) {
  if (!isEnded(task) || task.phase.state !== 'succeeded') return null;
  const media = mediaOf(task.model);
  const urls = resultUrls(task.phase.resultJson, media).filter(isWebUrl);
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">Result</h2>
      {urls.length === 0 ? <p class="dim">Upstream gave no link.</p> : null}
      {urls.slice(0, MAX_SHOWN).map((url, i) => (
        <figure data-keep={url}>
          {shows(url, media) === 'video' ? (
            <video src={url} controls preload="metadata" playsinline aria-label={`Result ${i + 1}`}></video>
          ) : (
            <img src={url} alt={`Result ${i + 1} of the task`} loading="lazy" />
          )}
          <figcaption>
            <a href={url} rel="noreferrer" class="mono break" target="_blank">
              {url}
            </a>
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

/** By what the link says; a video model may have given pictures alone. */
function shows(url: string, media: Media | null): Media {
  const kind = kindOfUrl(url);
  return kind === null ? (media ?? 'video') : kind === 'video' ? 'video' : 'image';
}

/** A link that upstream gave leads to the web, or it is no link. */
function isWebUrl(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
