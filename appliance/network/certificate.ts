import { connect as connectTls, type PeerCertificate } from 'node:tls';
import type { CertificateSeen } from '../../protocol/network.ts';
import { SECOND_MS } from '../spans.ts';

const TLS_TIMEOUT_MS = 3 * SECOND_MS;
const LONGEST_NAME = 120;

/** The certificate that a port shows; nothing of it is proven, only read. Undefined where there is none. */
export function readCertificate(ip: string, port: number): Promise<CertificateSeen | undefined> {
  return new Promise((resolve) => {
    // Nothing is sent and nothing believed: whom it belongs to does not matter, only when it ends.
    const socket = connectTls({ host: ip, port, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    const end = (seen?: CertificateSeen): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.setTimeout(TLS_TIMEOUT_MS, () => end());
    socket.once('error', () => end());
    socket.once('secureConnect', () => end(certificateOf(socket.getPeerCertificate())));
  });
}

/** What is kept of a certificate; undefined where its times are none. */
export function certificateOf({
  subject,
  issuer,
  valid_from,
  valid_to,
}: Partial<PeerCertificate>): CertificateSeen | undefined {
  const [notBefore, notAfter] = [Date.parse(valid_from ?? ''), Date.parse(valid_to ?? '')];
  const isMoment = (at: number): boolean => at >= 946_684_800_000 && at <= 7_258_118_400_000;
  if (!isMoment(notBefore) || !isMoment(notAfter)) return undefined;
  return { subject: nameOf(subject), issuer: nameOf(issuer), notBefore, notAfter };
}

const nameOf = (name: Partial<Record<string, string | string[]>> | undefined): string => {
  const [first = ''] = [name?.CN ?? name?.O ?? ''].flat();
  return first.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, LONGEST_NAME);
};
