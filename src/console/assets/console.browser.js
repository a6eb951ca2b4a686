// What the console does beyond plain pages: local times, copying, refreshing, and a preview while a form is filled in.
// Every page works without it.

/** Times in the viewer's zone; the exact instant stays in the title. */
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

function showTimes(root) {
  for (const element of root.querySelectorAll('time[datetime]')) {
    const at = new Date(element.dateTime);
    if ('short' in element.dataset) element.textContent = short.format(at);
    else if ('ago' in element.dataset) element.textContent = fromNow(at);
    else element.textContent = full.format(at);
    element.title = `${full.format(at)} (${element.dateTime})`;
  }
}

function fromNow(at) {
  const seconds = (at.getTime() - Date.now()) / 1_000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return relative.format(Math.round(seconds / size), unit);
}

/** Buttons that copy the text of another element. */
function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = false;
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  const words = button.querySelector('span');
  const before = words.textContent;
  words.textContent = 'Copied';
  button.classList.add('done');
  setTimeout(() => {
    words.textContent = before;
    button.classList.remove('done');
  }, 1_500);
});

/** Puts new content into a place, and keeps what the person is at: focus, open details, a video that plays. */
function swap(place, html) {
  const next = document.createElement('template');
  next.innerHTML = html;
  for (const details of place.querySelectorAll('details[id], details')) {
    const twin = twinOf(details, next.content);
    if (twin) twin.open = details.open;
  }
  for (const kept of place.querySelectorAll('[data-keep]')) {
    next.content.querySelector(`[data-keep="${CSS.escape(kept.dataset.keep)}"]`)?.replaceWith(kept);
  }
  const active = place.contains(document.activeElement) ? document.activeElement : null;
  const twin = active && twinOf(active, next.content);
  prepare(next.content);
  place.replaceChildren(next.content);
  twin?.focus({ preventScroll: true });
}

/** The same element in new content: by its id, else by its place among its like. */
function twinOf(element, content) {
  if (element.id) return content.getElementById(element.id);
  const same = (root) => [...root.querySelectorAll(element.tagName)];
  const root = element.closest('[data-refresh], #preview');
  return root ? same(content)[same(root).indexOf(element)] : null;
}

function prepare(root) {
  showTimes(root);
  showCopyButtons(root);
}

/** Asks for a fragment again and again, while the page is looked at. */
function refresh(place) {
  let last = '';
  const pause = Number(place.dataset.every) * 1_000;
  const look = async () => {
    if (document.hidden) return setTimeout(look, pause);
    let stop = false;
    try {
      const response = await fetch(place.dataset.refresh, { headers: { 'x-fragment': '1' } });
      if (response.status === 401) return location.reload();
      const html = await response.text();
      stop = response.headers.has('x-refresh');
      place.classList.toggle('stale', !response.ok);
      if (response.ok && html !== last) swap(place, html);
      if (response.ok) last = html;
    } catch {
      place.classList.add('stale');
    }
    if (!stop) setTimeout(look, pause);
  };
  setTimeout(look, pause);
}

/** Shows what a form says while it is filled in. */
function preview(form) {
  const place = document.getElementById(form.dataset.target);
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const response = await fetch(form.dataset.preview, {
      method: 'POST',
      headers: { 'x-fragment': '1' },
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => null);
    if (response?.ok && mine === asked) swap(place, await response.text());
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  });
  const update = form.querySelector('button[value="update"]');
  for (const select of form.querySelectorAll('[data-reload]')) {
    select.addEventListener('change', () => form.requestSubmit(update));
  }
}

document.documentElement.classList.add('script');
prepare(document);
for (const place of document.querySelectorAll('[data-refresh]')) refresh(place);
for (const form of document.querySelectorAll('form[data-preview]')) preview(form);
for (const form of document.querySelectorAll('form[data-autosubmit]')) {
  for (const select of form.querySelectorAll('select'))
    select.addEventListener('change', () => form.requestSubmit());
}
// A form that was sent is not sent twice by an impatient second click.
document.addEventListener('submit', (event) => {
  if (event.target.method !== 'post') return;
  setTimeout(() => event.submitter?.setAttribute('disabled', ''), 0);
});
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button[disabled]')) button.removeAttribute('disabled');
});
