import { isKept } from '../../domain/kept-files.ts';
import type { Kept } from '../../domain/kept-files.ts';
import { kindOfUrl } from '../../domain/link-kind.ts';
import type { Media } from '../../domain/models/model.ts';
import { resultLinks } from '../../domain/result-links.ts';
import { isSafeLink } from '../../domain/safe-link.ts';
import { isEnded } from '../../domain/task.ts';
import { size, Time } from '../components/time.tsx';
import { WebLink } from '../components/web-link.tsx';
import { Words } from '../components/words.tsx';
import type { ViewedTask } from './read.ts';

const MAX_SHOWN = 12;

/** The video or the pictures themselves: the kept files, or from where upstream has them. */
export function Result({ viewed: { task, keptUntil } }: { viewed: ViewedTask }) {
  if (!isEnded(task) || task.phase.state !== 'succeeded') return null;
  const { media } = task;
  const kept = task.phase.kept ?? [];
  const { urls } = resultLinks(task);
  const isAllKept = urls.length > 0 && urls.every((_, place) => isKept(kept[place]));
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">Result</h2>
      {urls.length === 0 ? <p class="dim">Upstream gave no link.</p> : null}
      {urls.slice(0, MAX_SHOWN).map((url, place) => (
        <figure data-keep={url}>
          <Shown url={url} media={shows(url, media)} number={place + 1} />
          <figcaption>
            <WebLink url={url} />
            <KeptLine file={kept[place]} url={url} until={keptUntil} />
          </figcaption>
        </figure>
      ))}
      {urls.length > MAX_SHOWN ? (
        <p class="hint">And {urls.length - MAX_SHOWN} more, in the callback.</p>
      ) : null}
      {urls.length === 0 || isAllKept ? null : (
        <p class="hint">Links of upstream expire: open each now, and store the file, not the link.</p>
      )}
    </section>
  );
}

/** How large it is and until when it is here; or why it is not. */
function KeptLine({ file, url, until }: { file: Kept | undefined; url: string; until: number | null }) {
  if (file === undefined) return null;
  if (!isKept(file)) return <Words text={`Not kept. ${file.problem}`} />;
  return (
    <p class="hint">
      {size(file.bytes)}
      {until === null ? null : (
        <>
          , kept until <Time at={until} />
        </>
      )}
      {' · '}
      <a href={`${url}?download=1`}>Download</a>
    </p>
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
