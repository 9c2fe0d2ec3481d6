import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

export interface HttpsOnly {
  isOn(): boolean;
  /** Port of the HTTPS listener. */
  port(): number;
}

/** What other monitors and a device that does not trust the appliance yet may ask for over plain HTTP. */
const OPEN = new Set(['/health', '/health/ready', '/ca.crt']);
const HSTS = 'max-age=2592000';

/**
 * Leads pages to HTTPS and refuses everything else over plain HTTP, while that is switched on. HSTS only then: browsers heed it only
 * where they trust the certificate (RFC 6797 §8.1), so that nobody is locked out before.
 */
export function httpsOnly({ isOn, port }: HttpsOnly): RequestHandler {
  return (request, response, next) => {
    if (!isOn()) return next();
    if (request.secure) {
      response.setHeader('strict-transport-security', HSTS);
      return next();
    }
    if (OPEN.has(request.path)) return next();
    const isPage = request.method === 'GET' && (request.get('accept') ?? '').includes('text/html');
    if (!isPage || request.path.startsWith('/api/'))
      throw new Problem('https-required', `Ask again over HTTPS, on port ${port()}`);
    const { hostname } = new URL(`http://${request.headers.host}`);
    response.redirect(307, `https://${hostname}:${port()}${request.originalUrl}`);
  };
}
