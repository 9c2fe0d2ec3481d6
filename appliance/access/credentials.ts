import type { IncomingHttpHeaders } from 'node:http';

/** What a request or a socket's handshake shows at the door. */
export interface Shown {
  headers: IncomingHttpHeaders;
  /** It came over TLS. */
  secure: boolean;
  /** Address of the client. */
  from: string;
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join() : value);

/**
 * The key or token that a program shows: `X-API-Key` or `Authorization: Bearer`, one of them. An empty text stands for two that
 * differ, which is nobody. Other schemes belong to a proxy in front of the appliance.
 */
export function bearerIn(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer(| .*)$/i.exec(headers.authorization ?? '')?.[1]?.trim();
  const key = one(headers['x-api-key'])?.trim();
  if (bearer !== undefined && key !== undefined && bearer !== key) return '';
  return key ?? bearer;
}
