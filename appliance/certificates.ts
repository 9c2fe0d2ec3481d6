import 'reflect-metadata';
import { createHash, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import { attestWith } from '../discovery/pairing/release.ts';
import type { Seal } from './seal.ts';
import { refuseLost, StartError } from './start-error.ts';
import { readWhole, writeWhole } from './whole-file.ts';

x509.cryptoProvider.set(webcrypto);

const KEY = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Browsers refuse longer leaves, also from an own CA (Apple's limit for user-added roots is 825, CA/B's 398). */
const BROWSER_LEAF_DAYS = 397;
const OWN_DAYS = 3_650;
const RENEW_BEFORE_MS = 30 * DAY_MS;

export interface Leaf {
  cert: string;
  key: string;
}

export interface Certificates {
  /** PEM of the CA that agents pin. */
  readonly ca: string;
  /** SHA-256 of the CA's SPKI, base64url. */
  readonly caPin: string;
  /** Long-lived leaf for `<id>.reeve.internal`. */
  readonly agentLeaf: Leaf;
  /** Leaf for names and addresses that people type; its key stays the same when it is renewed. */
  readonly browserLeaf: Leaf;
  /** SHA-256 of the browser leaf's SPKI, standard base64, as `curl --pinnedpubkey` wants it. */
  readonly browserPin: string;
  /** SHA-256 of the agents' leaf's SPKI, base64url. */
  readonly agentPin: string;
  /** The word of the CA's key for something: ECDSA P-256 with SHA-256, r and s one after the other. */
  attest(text: Buffer): Buffer;
  /** Issues the browser leaf anew when it is about to expire or `names` are not all in it; says whether it did. */
  renew(names: readonly string[], now: number): Promise<boolean>;
}

const certificate = z.string().refine(isCertificate);
const pair = z.object({ cert: certificate, key: z.string() });
/** Everything that is kept, private keys sealed. */
const storedSchema = z
  .object({ format: z.literal(1), ca: pair, agentLeaf: pair, browserLeaf: pair })
  .refine(({ ca, agentLeaf, browserLeaf }) => [agentLeaf, browserLeaf].every(({ cert }) => isIssuedBy(cert, ca.cert)));
type Stored = z.infer<typeof storedSchema>;

export interface CertificateOptions {
  dataDir: string;
  seal: Seal;
  applianceId: string;
  names: readonly string[];
  now: number;
  /** False where agents pin a CA already: a missing file is refused then. */
  mayBegin?: boolean;
}

const PURPOSE = 'certificate key';
export const agentServerName = (applianceId: string): string => `${applianceId}.reeve.internal`;
const spki = (pem: string): Buffer =>
  createHash('sha256')
    .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest();

/** Opens the appliance's CA and both leaves, making them on the first start (P-256, 20 ms). */
export async function openCertificates(options: CertificateOptions): Promise<Certificates> {
  const { dataDir, mayBegin = true } = options;
  const file = path.join(dataDir, 'certificates.json');
  const seal = namingCure(options.seal, file);
  const stored = (await readStored(file, mayBegin)) ?? (await make(options));
  const opened = (leaf: Leaf): Leaf => ({ cert: `${leaf.cert}\n${stored.ca.cert}`, key: seal.open(leaf.key, PURPOSE) });
  const browserLeaf = opened(stored.browserLeaf);
  seal.open(stored.ca.key, PURPOSE); // Needed at a renewal only, which may be months away: damage has to show now.
  await writeStored(file, stored);

  const certificates = {
    ca: stored.ca.cert,
    caPin: spki(stored.ca.cert).toString('base64url'),
    agentLeaf: opened(stored.agentLeaf),
    browserLeaf,
    browserPin: spki(stored.browserLeaf.cert).toString('base64'),
    agentPin: spki(stored.agentLeaf.cert).toString('base64url'),
    attest: (text: Buffer) => attestWith(seal.open(stored.ca.key, PURPOSE))(text),
    async renew(names: readonly string[], now: number) {
      if (isGood(stored.browserLeaf.cert, names, now)) return false;
      const ca = await importCa(stored, seal);
      const publicKey = await publicKeyOf(certificates.browserLeaf.key);
      stored.browserLeaf.cert = await issue(ca, { names, publicKey, days: BROWSER_LEAF_DAYS, now });
      await writeStored(file, stored);
      certificates.browserLeaf = opened(stored.browserLeaf);
      return true;
    },
  };
  await certificates.renew(options.names, options.now);
  return certificates;
}

function isGood(cert: string, names: readonly string[], now: number): boolean {
  const parsed = new X509Certificate(cert);
  if (Date.parse(parsed.validTo) - now < RENEW_BEFORE_MS || Date.parse(parsed.validFrom) > now) return false;
  return names.every((name) => (isAddress(name) ? parsed.checkIP(name) : parsed.checkHost(name)) !== undefined);
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

interface Ca {
  cert: x509.X509Certificate;
  key: webcrypto.CryptoKey;
}

async function make({ seal, applianceId, names, now }: CertificateOptions): Promise<Stored> {
  const keys = await newKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Reeve ${applianceId.slice(-8)}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + OWN_DAYS * 2 * DAY_MS),
    signingAlgorithm: KEY,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const ca: Ca = { cert, key: keys.privateKey };
  const leaf = async (leafNames: readonly string[], days: number) => {
    const { publicKey, privateKey } = await newKeys();
    return {
      cert: await issue(ca, { names: leafNames, publicKey, days, now }),
      key: seal.seal(await toPem(privateKey), PURPOSE),
    };
  };
  return {
    format: 1,
    ca: { cert: cert.toString('pem'), key: seal.seal(await toPem(keys.privateKey), PURPOSE) },
    agentLeaf: await leaf([agentServerName(applianceId)], OWN_DAYS),
    browserLeaf: await leaf(names, BROWSER_LEAF_DAYS),
  };
}

interface Order {
  names: readonly string[];
  publicKey: webcrypto.CryptoKey;
  days: number;
  now: number;
}

async function issue(ca: Ca, { names, publicKey, days, now }: Order): Promise<string> {
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${names[0] ?? 'reeve.local'}`,
    issuer: ca.cert.subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: KEY,
    publicKey,
    signingKey: ca.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })),
      ),
    ],
  });
  return cert.toString('pem');
}

const newKeys = () => webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);

/** Positive and unpredictable (RFC 5280 §4.1.2.2). */
const serial = (): string => `1${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importCa(stored: Stored, seal: Seal): Promise<Ca> {
  const pem = seal.open(stored.ca.key, PURPOSE);
  const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64');
  return {
    cert: new x509.X509Certificate(stored.ca.cert),
    key: await webcrypto.subtle.importKey('pkcs8', der, KEY, false, ['sign']),
  };
}

async function publicKeyOf(privatePem: string): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(privatePem).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', new Uint8Array(der), KEY, true, ['verify']);
}

/** A damaged file must not silently become a new CA: every agent would be lost. */
async function readStored(file: string, mayBegin: boolean): Promise<Stored | undefined> {
  const text = await readWhole(file);
  if (text === undefined) return mayBegin ? undefined : refuseLost(file, '');
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    throw new StartError(
      `${file} is damaged: restore it from a backup, or the paired agents will not know this appliance`,
    );
  }
}

const writeStored = (file: string, stored: Stored): Promise<void> =>
  writeWhole(file, `${JSON.stringify(stored, null, 2)}\n`);

/** A key that does not fit is the likeliest reason why a sealed value cannot be opened. */
function namingCure({ open, ...rest }: Seal, file: string): Seal {
  return {
    ...rest,
    open(sealed, purpose) {
      try {
        return open(sealed, purpose);
      } catch {
        throw new StartError(
          `${file} was sealed with another key: restore the file "key" that belongs to it (both from one backup), or set the REEVE_KEY it was made with`,
        );
      }
    },
  };
}

const isIssuedBy = (leaf: string, ca: string): boolean =>
  isCertificate(leaf) && isCertificate(ca) && new X509Certificate(leaf).verify(new X509Certificate(ca).publicKey);

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
