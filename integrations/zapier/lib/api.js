/** The address of a path of Ringback that this account is for. */
export function urlOf({ authData }, path) {
  return authData.url.trim().replace(/\/+$/, '') + path;
}

/** Sends the key with every request to Ringback, and reads refusals here rather than in Zapier's words. */
export function signIn(request, _z, bundle) {
  return {
    ...request,
    skipThrowForStatus: true,
    headers: { ...request.headers, authorization: `Bearer ${bundle.authData.key}` },
  };
}

/** A refusal, in Ringback's own words: which field, and what to enter. */
export function refuse(response, z) {
  if (response.status < 400) return response;
  const { detail = `Ringback answered ${response.status}.`, errors = [] } = response.data ?? {};
  const words =
    errors.length > 1 ? errors.map(({ path, message }) => `${path}: ${message}`).join('\n') : detail;
  if (response.status === 429)
    throw new z.errors.ThrottledError(words, Number(response.getHeader('retry-after')) || 60);
  const kind = response.status === 401 ? 'AuthenticationError' : 'RefusedByRelay';
  throw new z.errors.Error(words, kind, response.status);
}
