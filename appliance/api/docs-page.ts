/** Folder of Swagger UI in the built dashboard; image/build-web.mjs fills it. */
const FOLDER = '/api-docs';

/** Swagger UI from our own files, without a line of script or style in it: the content security policy holds here as everywhere. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API – Reeve</title>
  <link rel="icon" href="/icon.svg">
  <link rel="stylesheet" href="${FOLDER}/swagger-ui.css">
  <link rel="stylesheet" href="${FOLDER}/page.css">
</head>
<body>
  <div id="page"><p class="say">This page needs JavaScript, and an appliance that was built with its documentation. The document itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</p></div>
  <script src="${FOLDER}/swagger-ui-bundle.js"></script>
  <script src="${FOLDER}/begin.js"></script>
</body>
</html>
`;
