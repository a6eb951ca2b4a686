const PATHS = {
  overview: 'M4 19V11M10 19V5M16 19v-6M22 19H2',
  tasks: 'M8 6h13M8 12h13M8 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01',
  play: 'M7 4.5v15l12-7.5z',
  clients: 'M15 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0M3 21c0-4 3.6-6 8-6s8 2 8 6',
  usage: 'M4 20V10M9 20V4M14 20v-7M19 20V8',
  models: 'M12 3 3.5 7.5v9L12 21l8.5-4.5v-9zM3.5 7.5 12 12l8.5-4.5M12 12v9',
  audit: 'M6 3h9l4 4v14H6zM9 9h4M9 13h7M9 17h7',
  book: 'M4 5.5A2.5 2.5 0 0 1 6.5 3H20v15H6.5A2.5 2.5 0 0 0 4 20.5zM4 20.5A2.5 2.5 0 0 0 6.5 23H20',
  guide: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M15.5 8.5l-2 5-5 2 2-5z',
  good: 'M5 12.5 10 17.5 19.5 7',
  bad: 'M6 6l12 12M18 6 6 18',
  warn: 'M12 8v5M12 16.5h.01M12 3 2.5 20h19z',
  info: 'M12 11v6M12 7.5h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0',
  clock: 'M12 7v5l3.5 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0',
  send: 'M21 3 10 14M21 3l-7 18-4-7-7-4z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  search: 'M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0M20 20l-4.5-4.5',
  bell: 'M6 16V10a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4',
  arrow: 'M5 12h14M13 6l6 6-6 6',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing of 24 by 24; it says nothing that the words beside it do not. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
