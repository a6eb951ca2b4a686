import { z } from 'zod';

/**
 * The fields that the upstream models share, each with the rule that upstream documents. The only rules of our own bound the
 * length of URLs, of ratios, of lists and of a video, far beyond what makes sense there.
 *
 * Messages are read by people who fill in a form of a no-code tool, so they say what to enter, after the field's name.
 * Optional fields take null as absent, because those tools send null for a field that was left empty.
 */

const PROMPT_MAX_CHARACTERS = 20_000;
const URL_MAX_CHARACTERS = 2_048;
const MAX_URLS = 20;
/** An hour. It bounds what a task can be estimated at, and so the sums of what was spent. */
const MAX_DURATION_SECONDS = 3_600;
/** Upstream lists only the common ratios, so whatever could be one passes and upstream judges it. */
const RATIO_MAX_CHARACTERS = 32;

/** The resolutions that upstream documents. */
const VIDEO_RESOLUTIONS = ['480p', '720p', '1080p'] as const;
const IMAGE_RESOLUTIONS = ['1K', '2K', '4K'] as const;

const text = () => z.string({ error: expected('text') });
const prompt = () =>
  text().max(PROMPT_MAX_CHARACTERS, { error: 'must be at most 20,000 characters', abort: true });

/** The input of a model: these fields, and no others. */
export function inputOf<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.strictObject(fields, { error: expected('an object') });
}

/** A prompt that has to be there and say something. */
export const requiredPrompt = prompt()
  .min(1, { error: 'must not be empty' })
  .describe('What to make, in words. At most 20,000 characters.');

/** A prompt that may be left out, where references can say it all. */
export const optionalPrompt = prompt()
  .nullish()
  .describe('What to make, in words. At most 20,000 characters.');

/** At least one image, the first of which is the main one. */
export const imageUrls = urls()
  .min(1, { error: 'must have at least one URL' })
  .describe('Public http(s) URLs of the images to start from. The first one is the main image.');

/** Any number of public URLs, or none; `purpose` completes "Public http(s) URLs of …". */
export function referenceUrls(purpose: string) {
  return urls().nullish().describe(`Public http(s) URLs of ${purpose}.`);
}

/** What every video model takes besides its prompt and its references. */
export const videoFields = {
  aspect_ratio: ratioText().describe(
    'Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins.',
  ),
  ratio: ratioText().describe(
    'Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`.',
  ),
  resolution: oneOf(VIDEO_RESOLUTIONS).describe('Resolution of the video. The price depends on it.'),
  duration: z
    .number({ error: expected('a number of seconds') })
    .gt(0, { error: 'must be above 0' })
    .max(MAX_DURATION_SECONDS, { error: 'must be at most 3,600 seconds' })
    .nullish()
    .describe('Length of the video in seconds, above 0 and at most 3,600. The price depends on it.'),
  generate_audio: flag('Whether the video gets a soundtrack.'),
  web_search: flag('Whether the model may look things up on the web.'),
  nsfw_checker: flag("Whether the platform's content filter is on. False turns it off."),
};

/** What every image model takes besides its prompt and its source images. */
export const imageFields = {
  aspect_ratio: ratioText().describe('Shape of the image, such as auto, 1:1 or 16:9.'),
  resolution: oneOf(IMAGE_RESOLUTIONS).describe('Resolution of the image. The price depends on it.'),
};

function urls() {
  return (
    z
      .array(httpUrl(), { error: expected('a list of URLs') })
      // Not by max(), which asks a text for its length too.
      .refine((list) => list.length <= MAX_URLS, { error: `must have at most ${MAX_URLS} URLs` })
      .meta({ maxItems: MAX_URLS })
  );
}

function httpUrl() {
  return text()
    .max(URL_MAX_CHARACTERS, { error: 'must be a URL of at most 2,048 characters', abort: true })
    .refine(isHttpUrl, { error: 'must be a public URL that starts with http:// or https://' })
    .meta({ format: 'uri' });
}

function isHttpUrl(url: string): boolean {
  // The parser drops surrounding white space, tabs and line breaks; upstream is sent the string as it is, so they are
  // refused here. It also forgives a missing "//", which the prefix does not.
  return /^https?:\/\//i.test(url) && !/^\s|[\t\r\n]|\s$/.test(url) && URL.canParse(url);
}

function ratioText() {
  return text()
    .min(1, { error: 'must not be empty; leave it out for the default' })
    .max(RATIO_MAX_CHARACTERS, { error: 'must be a ratio such as 16:9, at most 32 characters' })
    .nullish();
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` }).nullish();
}

/** The default is shown and not applied: upstream applies it, and a task's input reads back as it was sent. */
function flag(description: string) {
  return z
    .boolean({ error: expected('true or false') })
    .nullish()
    .meta({ description, default: false });
}

/** A value of another type; what else a rule complains about has words of its own. */
function expected(what: string) {
  return (issue: { readonly code?: string; readonly input?: unknown }): string | undefined => {
    if (issue.code === 'unrecognized_keys') return undefined;
    return issue.input === undefined || issue.input === null
      ? `is required and must be ${what}`
      : `must be ${what}`;
  };
}
