/** What Vite reads in for a test: files as text. */
declare module '*?raw' {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Every file that fits, by its path. */
  glob<T>(pattern: string, options: { query: string; import: string; eager: true }): Record<string, T>;
}
