const MAX_URLS = 1_000;
/** All of them together: they are kept in one row. */
const MAX_TOTAL_LENGTH = 30_000;
const MAX_URL_LENGTH = 4_096;
const MAX_NODES = 10_000;

/**
 * The result's URLs, in order. Upstream documents `{"resultUrls": [...]}` as what a result "usually" is, so any other
 * document is searched for http(s) URLs instead of being taken for empty. Never throws.
 *
 * @param resultJson upstream's `resultJson`, verbatim.
 */
export function resultUrls(resultJson: string | null): string[] {
  if (resultJson === null) return [];
  let document: unknown;
  try {
    document = JSON.parse(resultJson);
  } catch {
    return isUrl(resultJson) ? [resultJson] : [];
  }
  const documented = isObject(document) ? document['resultUrls'] : undefined;
  return findUrls(documented ?? document);
}

/** Breadth first without recursion, so that no depth of nesting can exhaust the stack. */
function findUrls(root: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [root];
  let length = 0;
  for (let i = 0; i < open.length && i < MAX_NODES && found.length < MAX_URLS; i++) {
    const node = open[i];
    if (typeof node === 'string' && isUrl(node)) {
      length += node.length;
      if (length > MAX_TOTAL_LENGTH) break;
      found.push(node);
    }
    if (Array.isArray(node) || isObject(node)) open.push(...Object.values(node).slice(0, MAX_NODES));
  }
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUrl(text: string): boolean {
  return text.length <= MAX_URL_LENGTH && /^https?:\/\/\S+$/i.test(text);
}
