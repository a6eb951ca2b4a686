// Shows /openapi.json with Swagger UI.
document.documentElement.classList.toggle('dark-mode', matchMedia('(prefers-color-scheme: dark)').matches);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) =>
  document.documentElement.classList.toggle('dark-mode', matches),
);
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
  filter: true,
  // Nothing is asked of anybody else.
  validatorUrl: null,
  syntaxHighlight: { activated: true, theme: 'nord' },
});
