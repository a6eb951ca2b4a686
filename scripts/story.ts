import { styleText } from 'node:util';

const MS_PER_SECOND = 1000;

/** Tells on the terminal what happens: a line for each step with the seconds since the start. */
export class Story {
  private readonly startedAt = performance.now();
  private current = '';

  title(text: string): void {
    console.log(`\n${styleText('bold', text)}\n`);
  }

  /** Names the step that begins; where somebody watches, it shows until it is done. */
  begin(step: string): void {
    this.current = step;
    if (process.stdout.isTTY) process.stdout.write(styleText('dim', `          … ${step}`));
  }

  /** Does one step, and tells of it once it is done. `tell` makes the line's end and the dimmed lines below it. */
  async tell<T>(step: string, work: () => Promise<T>, tell: (result: T) => string[] = () => []): Promise<T> {
    this.begin(step);
    const result = await work();
    this.clearPending();
    const [end = '', ...below] = tell(result);
    console.log(`${this.clock()}  ${styleText('green', '✓')} ${step}${end === '' ? '' : ` ${end}`}`);
    for (const line of below) this.detail(line);
    return result;
  }

  detail(line: string): void {
    console.log(styleText('dim', `             ${line}`));
  }

  failed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.clearPending();
    console.log(`${this.clock()}  ${styleText('red', '✗')} ${this.current}`);
    console.log(`\n${text}\n`);
  }

  private clearPending(): void {
    if (process.stdout.isTTY) process.stdout.write('\r\u001B[K');
  }

  private clock(): string {
    const seconds = (performance.now() - this.startedAt) / MS_PER_SECOND;
    return styleText('dim', `${seconds.toFixed(1).padStart(6)} s`);
  }
}
