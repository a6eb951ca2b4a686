/** How it works: one post, many polls, one callback. */
export function Picture() {
  return (
    <svg class="picture" viewBox="0 50 880 210" role="img" aria-labelledby="picture-title picture-words">
      <title id="picture-title">How it works</title>
      <desc id="picture-words">
        You post a task to Ringback once. Ringback polls the upstream video API again and again. When the
        video is ready, Ringback calls your URL once, signed.
      </desc>
      <Box x={2} title="You" words="n8n, Zapier, Make, code" />
      <Box x={345} title="Ringback" words="one Worker, one D1" isOurs={true} />
      <Box x={688} title="Upstream" words="the video API" />
      <g class="call">
        <path d="M204 118H333" />
        <path class="head" d="M323 112l10 6-10 6" />
        <text x="268" y="104">
          post a task
        </text>
      </g>
      <g class="back">
        <path d="M333 192H204" />
        <path class="head" d="M214 186l-10 6 10 6" />
        <text x="268" y="217">
          signed callback
        </text>
      </g>
      <g class="polls">
        {[100, 126, 152, 178].map((y) => (
          <>
            <path d={`M547 ${y}H676`} />
            <path class="head" d={`M668 ${y - 5}l8 5-8 5`} />
          </>
        ))}
        <text x="611" y="86">
          poll, poll, poll
        </text>
        <path class="done" d="M676 206H547" />
        <path class="head done" d="M557 200l-10 6 10 6" />
        <text x="611" y="231">
          ready: a link
        </text>
      </g>
    </svg>
  );
}

function Box({
  x,
  title,
  words,
  isOurs = false,
}: {
  x: number;
  title: string;
  words: string;
  isOurs?: boolean;
}) {
  return (
    <g class={isOurs ? 'box ours' : 'box'}>
      <rect x={x} y="60" width="190" height="190" rx="18" />
      <text class="name" x={x + 95} y="150">
        {title}
      </text>
      <text class="words" x={x + 95} y="176">
        {words}
      </text>
    </g>
  );
}

/** The mark, for the browser's tab. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="none" stroke="#d9480f" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><path d="M16 4.500a11.5 11.5 0 1 1-10.4 6.6"/><path d="M3.2 4.6 5.2 12l7.4-1.9"/></g><circle cx="16" cy="16" r="3.4" fill="#d9480f"/></svg>`;
