/** How it works: one post, many polls, one callback. */
export function Picture() {
  return (
    <svg class="picture" viewBox="0 0 880 300" role="img" aria-labelledby="picture-title picture-words">
      <title id="picture-title">How it works</title>
      <desc id="picture-words">
        You post a task to Ringback once. Ringback polls the upstream video API again and again. When the
        video is ready, Ringback calls your URL once, signed.
      </desc>
      <Box x={10} title="You" words="n8n, Zapier, Make, code" />
      <Box x={340} title="Ringback" words="one Worker, one database" isOurs={true} />
      <Box x={670} title="Upstream" words="the video API" />
      <g class="call">
        <path d="M212 110H328" />
        <path class="head" d="M318 104l10 6-10 6" />
        <text x="270" y="98">
          post a task
        </text>
      </g>
      <g class="back">
        <path d="M328 196H212" />
        <path class="head" d="M222 190l-10 6 10 6" />
        <text x="270" y="222">
          one signed callback
        </text>
      </g>
      <g class="polls">
        {[96, 126, 156, 186].map((y) => (
          <>
            <path d={`M542 ${y}H658`} />
            <path class="head" d={`M650 ${y - 5}l8 5-8 5`} />
          </>
        ))}
        <text x="600" y="80">
          poll, poll, poll
        </text>
        <path class="done" d="M658 212H542" />
        <path class="head done" d="M552 206l-10 6 10 6" />
        <text x="600" y="238">
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
      <rect x={x} y="60" width="200" height="190" rx="18" />
      <text class="name" x={x + 100} y="150">
        {title}
      </text>
      <text class="words" x={x + 100} y="176">
        {words}
      </text>
    </g>
  );
}

/** The mark, for the browser's tab. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="none" stroke="#d9480f" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><path d="M16 4.500a11.5 11.5 0 1 1-10.4 6.6"/><path d="M3.2 4.6 5.2 12l7.4-1.9"/></g><circle cx="16" cy="16" r="3.4" fill="#d9480f"/></svg>`;
