import { isIPv4 } from 'node:net';
import type { Ceiling } from '../../protocol/ceiling.ts';
import { cancelInstall, prepareInstall, readInstall, runInstall } from '../../protocol/routes/installs.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { HostKey, SshPlace } from '../ssh.ts';
import { commandOf, type Hub } from './commands.ts';
import type { Installs } from './installs.ts';

/** The install line with a token that was made for it. */
export interface Line extends Hub {
  line: string;
  tokenId: string;
  expiresAt: number;
}

export interface InstallRouteParts {
  installs: Installs;
  /**
   * Fails where the device is not in this site, has a host already, or no address that may be reached. `near` is the appliance's own
   * address in its subnet.
   */
  device(session: Session, deviceId: string): { name?: string; address: string; near?: string };
  makeLine(session: Session, wanted: { host: string; name?: string; may: Ceiling; as: 'sudo' | 'root' }): Promise<Line>;
  /** The private key of that id; fails with `not-found` for one of another site. */
  privateKey(siteId: string, keyId: string): Promise<string>;
  /** The host key that people have accepted for that place, where they have. */
  pinOf(siteId: string, place: { address: string; port: number }): HostKey | undefined;
}

/** Installing an agent over SSH: first the command is shown, then a person has it run. */
export function serveInstalls(routes: Routes, parts: InstallRouteParts): void {
  const { installs } = parts;

  routes.serve(prepareInstall, async ({ session, params, body, host, note }) => {
    const { siteId, userName: by } = session;
    const { name, address, near } = parts.device(session, params.deviceId);
    const { user, port, may } = body;
    const isRoot = user === 'root';
    const sudoAsks = body.sudoAsks && !isRoot;
    const wanted = { host: hostFor(host, near), may, as: isRoot ? 'root' : 'sudo', ...(name && { name }) } as const;
    const { line, ...made } = await parts.makeLine(session, wanted);
    const knownKey = parts.pinOf(siteId, { address, port });
    note({ detail: { address, port, user, tokenId: made.tokenId, may } });
    return installs.prepare({
      ...{ siteId, deviceId: params.deviceId, by, address, port, user, sudoAsks, ...made },
      command: commandOf(line, sudoAsks),
      knownKey,
    });
  });

  routes.serve(runInstall, async ({ session, params, body, note }) => {
    const { siteId } = session;
    const { address, port, user } = installs.preparedOf(siteId, params.installId);
    const login: SshPlace['login'] =
      'keyId' in body.login ? { privateKey: await parts.privateKey(siteId, body.login.keyId) } : body.login;
    const started = installs.run(siteId, params.installId, { ...body, login });
    const signedIn = 'keyId' in body.login ? { keyId: body.login.keyId } : { login: 'password, typed for this once' };
    note({ detail: { address, port, user, ...signedIn, ...(body.accept && { acceptedHostKey: body.accept }) } });
    return started;
  });

  routes.serve(readInstall, ({ session, params }) => installs.read(session.siteId, params.installId));

  routes.serve(cancelInstall, async ({ session, params, note }) => {
    const { address, user } = installs.preparedOf(session.siteId, params.installId);
    await installs.cancel(session.siteId, params.installId);
    note({ detail: { address, user } });
    return null;
  });
}

/** A machine may have no way to the address at which a browser elsewhere has found us; a name is left to its own devices. */
const hostFor = (host: string, near: string | undefined): string =>
  near !== undefined && isIPv4(host.replace(/:\d+$/, '')) ? near : host;
