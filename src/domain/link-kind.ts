/** What a link leads to, as far as its address and its name tell. */
export type LinkKind = 'video' | 'picture';

const VIDEO_ENDINGS = 'mp4|m4v|mov|webm|mkv|avi|m3u8|mpd|mpe?g|ogv|3gp|flv|wmv';
const PICTURE_ENDINGS = 'png|jpe?g|jfif|webp|gif|avif|bmp|svg|heic|heif|tiff?|ico|image';
const OTHER_ENDINGS = 'mp3|wav|m4a|ogg|flac|aac|glb|gltf|obj|zip';

const VIDEO_PATH = new RegExp(`\\.(?:${VIDEO_ENDINGS})$`, 'i');
const PICTURE_PATH = new RegExp(`\\.(?:${PICTURE_ENDINGS})$`, 'i');
/** In a query: `file=a.mp4`, `format=mp4`, `response-content-type=video%2Fmp4`. */
const VIDEO_QUERY = new RegExp(`(?:[.=]|video/|video%2F)(?:${VIDEO_ENDINGS})(?:&|$)`, 'i');
const PICTURE_QUERY = new RegExp(`(?:[.=]|image/|image%2F)(?:${PICTURE_ENDINGS})(?:&|$)`, 'i');

/** The ending of a file that is a result, where it stands in running text. */
export const MEDIA_ENDING = new RegExp(
  `\\.(?:${VIDEO_ENDINGS}|${PICTURE_ENDINGS}|${OTHER_ENDINGS})(?=[\\s?#"'<>)\\],;]|$)`,
  'i',
);

/** By the name of the file, else by what the query says; null where neither tells. */
export function kindOfUrl(url: string): LinkKind | null {
  const [address = ''] = url.split('#', 1);
  const [path = ''] = address.split('?', 1);
  if (VIDEO_PATH.test(path)) return 'video';
  if (PICTURE_PATH.test(path)) return 'picture';
  const query = address.slice(path.length);
  if (VIDEO_QUERY.test(query)) return 'video';
  return PICTURE_QUERY.test(query) ? 'picture' : null;
}

const VIDEO_NAME = /video|movie|film|clip|mp4|webm|m3u8/i;
/** The cover of a video is a picture, so these go first; but what was made from a picture is a video. */
const PICTURE_NAME = /cover|thumb|poster|frame|image|img|picture|photo|snapshot|sprite|png|jpe?g|webp/i;
const MADE_VIDEO_NAME = /to[_-]?video/i;

/** By the name of a field (`firstFrameUrl`), or by a word of type (`video/mp4`); null where it does not tell. */
export function kindOfName(name: string): LinkKind | null {
  if (MADE_VIDEO_NAME.test(name)) return 'video';
  if (PICTURE_NAME.test(name)) return 'picture';
  return VIDEO_NAME.test(name) ? 'video' : null;
}
