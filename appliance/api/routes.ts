import type { Route } from '../../protocol/route.ts';
import { readDocs, readMetrics, readOpenApi, readProblem, readSnapshot } from '../../protocol/routes/api.ts';
import type { Routes } from '../serve.ts';
import { DOCS_PAGE } from './docs-page.ts';
import { type FleetParts, familiesFor, type OwnFigures } from './metrics.ts';
import { type OpenApi, openApiDocument } from './openapi.ts';
import { problemPage } from './problem-pages.ts';
import { exposition } from './prometheus.ts';
import { snapshotFor } from './snapshot.ts';

export interface ApiParts {
  table: readonly Route[];
  version: string;
  fleet: FleetParts;
  figures: OwnFigures;
}

/** What is for programs: the document of the API and its page, problems explained, the fleet as it is now. */
export function serveApi(routes: Routes, { table, version, fleet, figures }: ApiParts): void {
  let document: OpenApi | undefined; // Made when first asked for: it is no part of an ordinary day.
  routes.serve(readOpenApi, () => {
    document ??= openApiDocument(table, version);
    return document as unknown as Record<string, unknown>;
  });
  routes.serve(readDocs, ({ setHeader }) => {
    setHeader('cache-control', 'no-cache');
    return DOCS_PAGE;
  });
  routes.serve(readProblem, ({ params }) => problemPage(params.code));
  routes.serve(readSnapshot, ({ session }) => snapshotFor(session, fleet));
  routes.serve(readMetrics, ({ session }) => exposition(familiesFor(session, fleet, figures)));
}
