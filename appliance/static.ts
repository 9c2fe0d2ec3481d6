import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { RequestHandler } from 'express';

/** Names that hold a hash of their content never change. */
const HASHED = /-[A-Za-z0-9_]{8}\.[a-z0-9]+$/;
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/** Serves the built dashboard: compressed at build, hashed files for ever, and `index.html` for every page's address. */
export function serveDashboard(dir: string): RequestHandler {
  const files = listFiles(dir);
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    const asked = request.path.slice(1);
    const file = files.has(asked) ? asked : isPage(request.path, request.get('accept')) ? 'index.html' : undefined;
    if (!file || !files.has(file)) return next();
    const accepted = request.get('accept-encoding') ?? '';
    const encoding = ENCODINGS.find(({ name, ending }) => accepted.includes(name) && files.has(file + ending));
    response.setHeader('cache-control', HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('vary', 'accept-encoding');
    response.type(path.extname(file));
    if (encoding) response.setHeader('content-encoding', encoding.name);
    response.sendFile(file + (encoding?.ending ?? ''), { root: dir, cacheControl: false });
  };
}

/** A page of the dashboard's router: no file ending, not the API, asked for by a browser. */
function isPage(pathname: string, accept: string | undefined): boolean {
  return (
    !/^\/(api|health|socket\.io|metrics)(\/|$)/.test(pathname) &&
    path.extname(pathname) === '' &&
    (accept ?? '').includes('text/html')
  );
}

function listFiles(dir: string): ReadonlySet<string> {
  const all = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Set(
    all.map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
  );
}
