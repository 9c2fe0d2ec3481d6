// Starts Swagger UI on the appliance's own document; the session's cookie goes along by itself.
window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  displayOperationId: true,
  filter: true,
  tryItOutEnabled: false,
  // Nothing is asked of anybody outside.
  validatorUrl: null,
  onComplete: () => document.documentElement.setAttribute('data-ready', ''),
});
