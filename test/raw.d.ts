/** What Vite reads in for a test: files as text, and modules without types. */
declare module '*?raw' {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Every file that fits, by its path: as text, or what it exports. */
  glob<T>(
    pattern: string,
    options: { query: string; import: string; eager: true } | { eager: true },
  ): Record<string, T>;
}
