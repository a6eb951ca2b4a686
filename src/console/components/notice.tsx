import type { PropsWithChildren } from 'hono/jsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

const ICONS = { good: 'good', bad: 'bad', warn: 'warn', idle: 'info' } as const satisfies Record<
  string,
  IconName
>;

/** Something to know before going on. `role="alert"` where it answers what was just done. */
export function Notice({
  tone,
  title,
  isAlert = false,
  children,
}: PropsWithChildren<{ tone: keyof typeof ICONS; title: string; isAlert?: boolean }>) {
  return (
    <div class={`notice ${tone}`} role={isAlert ? 'alert' : undefined}>
      <Icon name={ICONS[tone]} />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}

/** Nothing there yet, and what to do about it. */
export function Empty({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <div class="empty">
      <svg viewBox="0 0 96 48" width="96" height="48" aria-hidden="true">
        <path
          d="M8 40h80M20 40V22h16v18M42 40V8h14v32M62 40V28h14v12"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-linejoin="round"
          stroke-dasharray="3 4"
        />
      </svg>
      <strong>{title}</strong>
      <div>{children}</div>
    </div>
  );
}
