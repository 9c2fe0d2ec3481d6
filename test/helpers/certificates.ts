import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { attestWith, type ReleaseKey, releaseKeyOf } from '../../discovery/pairing/release.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export interface TestCa {
  pem: string;
  certificate: X509Certificate;
  keys: CryptoKeyPair;
}
type CryptoKeyPair = Awaited<ReturnType<typeof newKeys>>;

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** A certificate authority of its own, as an appliance has one. */
export async function testCa(name = 'Reeve test CA'): Promise<TestCa> {
  cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 3_650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { pem: certificate.toString('pem'), certificate, keys };
}

export interface TestLeaf {
  cert: string;
  key: string;
}

/** A server certificate of that CA for these DNS names. */
export async function testLeaf(
  ca: TestCa,
  names: string[],
  { notBefore = Date.now() - dayMs, days = 397 } = {},
): Promise<TestLeaf> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Math.floor(Math.random() * 1e9 + 2)
      .toString(16)
      .padStart(8, '0'),
    subject: 'CN=Reeve test',
    issuer: ca.certificate.subject,
    notBefore: new Date(notBefore),
    notAfter: new Date(notBefore + days * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key };
}

/** The release key of an appliance whose CA this is. */
export async function releaseKeyFor(ca: TestCa, applianceId: string, seed = randomBytes(32)): Promise<ReleaseKey> {
  const pem = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', ca.keys.privateKey), 'PRIVATE KEY');
  return releaseKeyOf(seed, applianceId, attestWith(pem));
}
