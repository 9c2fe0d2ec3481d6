import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectSsh, type SshPlace } from '../../appliance/ssh.ts';
import { KeyError, type KeyPair, makeKeyPair, readKeyPair } from '../../appliance/ssh-keys.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { type SshServer, startSshd } from '../helpers/ssh-server.ts';

// Real servers and keys with bcrypt take their time on a loaded machine.
vi.setConfig({ testTimeout: 30_000 });

let dir: string;
let key: KeyPair;
let server: SshServer;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  dir = await makeDirectory('ssh');
  key = await makeKeyPair('reeve');
  server = await startSshd({ dir: path.join(dir, 'first'), authorize: [key.publicKey] });
}, 30_000);

afterAll(async () => {
  await server?.stop();
  for (const close of closers) await close();
  await removeDirectory(dir);
});

const placeOf = (more: Partial<SshPlace> = {}): SshPlace => ({
  address: server.address,
  port: server.port,
  user: server.user,
  login: { privateKey: key.privateKey },
  pin: server.hostKey,
  ...more,
});

const codeOf = (connecting: Promise<unknown>) =>
  connecting.then(
    () => 'connected',
    (error: { code?: string }) => error.code,
  );

async function raw(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  });
  return (listener.address() as { port: number }).port;
}

describe('a connection', () => {
  test('runs a command on a real OpenSSH server, with its input', async () => {
    const connection = await connectSsh(placeOf());
    const outcome = await connection.run('sh -s', { input: 'echo out; echo err >&2; exit 7\n' });
    connection.close();
    expect(outcome).toMatchObject({ code: 7, output: Buffer.from('out\n'), errors: 'err\n' });
  });

  test('is refused before signing in while nobody has accepted the host key, and says which it is', async () => {
    const before = server.log().length;
    await expect(connectSsh(placeOf({ pin: undefined }))).rejects.toMatchObject({
      code: 'host-key-unknown',
      hostKey: server.hostKey,
    });
    expect(server.log().slice(before)).not.toContain('publickey');
  });

  test('is refused when the host key is another than the accepted one, also one of another type', async () => {
    const other = { type: 'ssh-ed25519', sha256: 'SHA256:AAAA' };
    await expect(connectSsh(placeOf({ pin: other }))).rejects.toMatchObject({
      code: 'host-key-changed',
      hostKey: server.hostKey,
    });
    const ofRsa = { type: 'ssh-rsa', sha256: 'SHA256:AAAA' };
    await expect(connectSsh(placeOf({ pin: ofRsa }))).rejects.toMatchObject({
      code: 'host-key-changed',
      hostKey: server.hostKey,
    });
  });

  test('is refused for a key that the server does not know', async () => {
    const stranger = await makeKeyPair('stranger');
    expect(await codeOf(connectSsh(placeOf({ login: { privateKey: stranger.privateKey } })))).toBe('refused');
  });

  test('says that nothing listens, that a port is silent, and that something else than SSH answers', async () => {
    expect(await codeOf(connectSsh(placeOf({ port: 1 })))).toBe('unreachable');
    const silent = await raw(() => undefined);
    expect(await codeOf(connectSsh(placeOf({ port: silent }), { readyMs: 300 }))).toBe('silent');
    const web = await raw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(['not-ssh', 'dropped']).toContain(await codeOf(connectSsh(placeOf({ port: web }), { readyMs: 2_000 })));
    const flood = await raw((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 65)));
      };
      socket.on('drain', more);
      more();
    });
    expect(['not-ssh', 'dropped']).toContain(await codeOf(connectSsh(placeOf({ port: flood }), { readyMs: 2_000 })));
  });

  test('ends at once when it is called off', async () => {
    const silent = await raw(() => undefined);
    const off = new AbortController();
    const connecting = connectSsh(placeOf({ port: silent }), { signal: off.signal });
    off.abort(new Error('called off'));
    await expect(connecting).rejects.toThrow('called off');
  });

  test('goes through a jump host', async () => {
    const connection = await connectSsh(placeOf({ through: placeOf() }));
    const { output } = await connection.run('echo $SSH_CONNECTION');
    connection.close();
    expect(output.toString()).toContain('127.0.0.1');
  });

  test('is refused by a server that only has algorithms of SHA-1', async () => {
    const old = await startSshd({
      dir: path.join(dir, 'old'),
      authorize: [key.publicKey],
      config: ['KexAlgorithms diffie-hellman-group14-sha1'],
    });
    closers.push(old.stop);
    expect(await codeOf(connectSsh(placeOf({ port: old.port, pin: old.hostKey })))).toBe('algorithms');
  });
});

describe('a command', () => {
  const run = async (command: string, limits = {}) => {
    const connection = await connectSsh(placeOf());
    return connection.run(command, limits).finally(() => connection.close());
  };

  test('that is silent for too long is cut', async () => {
    expect(await codeOf(run('sleep 30', { idleMs: 300 }))).toBe('too-long');
  });

  test('that takes too long is cut, however much it says', async () => {
    expect(await codeOf(run('while :; do echo x; sleep 0.05; done', { totalMs: 500 }))).toBe('too-long');
  });

  test('that writes without end, or one line of a gigabyte, is cut at the limit and costs no more memory than that', async () => {
    const before = process.memoryUsage().rss;
    expect(await codeOf(run('yes hello'))).toBe('too-much');
    expect(await codeOf(run(`head -c 1000000000 /dev/zero | tr '\\0' x`))).toBe('too-much');
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6);
  });

  test('whose connection is lost has failed, it has not ended', async () => {
    // The shell kills the process of the server that holds its connection.
    expect(await codeOf(run('kill -9 $PPID; sleep 5'))).toBe('dropped');
  });

  test('that a signal ends says which', async () => {
    expect(await run('kill -9 $$')).toMatchObject({ code: undefined, signal: 'SIGKILL' });
  });

  test('whose listener fails rejects with its error, and the process goes on', async () => {
    const onData = () => {
      throw new Error('listener');
    };
    await expect(run('echo x', { onData })).rejects.toThrow('listener');
  });

  test('on a connection that is closed fails', async () => {
    const connection = await connectSsh(placeOf());
    connection.close();
    expect(await codeOf(connection.run('true'))).toBe('dropped');
  });
});

describe('a key', () => {
  const made = (...args: string[]): string => {
    const file = path.join(dir, `key-${args.join('')}`.replaceAll(' ', ''));
    execFileSync('ssh-keygen', ['-q', '-f', file, ...args]);
    return readFileSync(file, 'utf8');
  };
  const problem = (text: string, passphrase = '') =>
    readKeyPair(text, passphrase, 'reeve').then(
      () => 'taken',
      (error: unknown) => (error instanceof KeyError ? error.field : String(error)),
    );

  test('that was made signs in, and ssh-keygen agrees on its hash', async () => {
    const file = path.join(dir, 'made.pub');
    execFileSync('sh', ['-c', 'cat > "$0"', file], { input: key.publicKey });
    expect(execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' })).toContain(key.sha256);
  });

  test('with a passphrase is taken with the right one only, and signs in without it afterwards', async () => {
    const text = made('-t', 'ed25519', '-N', 'pass phrase');
    expect(await problem(text)).toBe('passphrase');
    expect(await problem(text, 'wrong')).toBe('passphrase');
    const taken = await readKeyPair(text, 'pass phrase', 'reeve');
    const own = await startSshd({ dir: path.join(dir, 'own'), authorize: [taken.publicKey] });
    closers.push(own.stop);
    const login = { privateKey: taken.privateKey };
    const connection = await connectSsh(placeOf({ port: own.port, pin: own.hostKey, login }));
    expect((await connection.run('echo in')).output.toString()).toBe('in\n');
    connection.close();
  });

  test('of RSA is taken from 4096 bits on', async () => {
    expect(await problem(made('-t', 'rsa', '-b', '2048', '-N', ''))).toBe('privateKey');
    const taken = await readKeyPair(made('-t', 'rsa', '-b', '4096', '-N', 'x y z'), 'x y z', 'reeve');
    expect(taken).toMatchObject({ type: 'ssh-rsa', bits: 4_096 });
    const own = await startSshd({ dir: path.join(dir, 'rsa'), authorize: [taken.publicKey], keyType: 'rsa' });
    closers.push(own.stop);
    const login = { privateKey: taken.privateKey };
    (await connectSsh(placeOf({ port: own.port, pin: own.hostKey, login }))).close();
  }, 30_000);

  test('of another kind, a public one, and anything else is refused with the field', async () => {
    expect(await problem(made('-t', 'ecdsa', '-N', ''))).toBe('privateKey');
    expect(await problem(key.publicKey)).toBe('privateKey');
    expect(await problem('nothing')).toBe('privateKey');
    expect(await problem('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----')).toBe(
      'privateKey',
    );
  });
});
