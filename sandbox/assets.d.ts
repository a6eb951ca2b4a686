// Bundled by the `Data` rule of the sandbox's wrangler.toml.
declare module '*.mp4' {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module '*.png' {
  const bytes: ArrayBuffer;
  export default bytes;
}
