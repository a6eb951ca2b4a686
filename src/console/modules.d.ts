// Bundled as text by the rule of wrangler.toml.
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*/assets/console.js' {
  const text: string;
  export default text;
}
declare module '*/assets/reference.js' {
  const text: string;
  export default text;
}
declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  const text: string;
  export default text;
}
