import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { freePort, holdPort } from '../helpers/ports.ts';
import { ROOT } from '../helpers/root.ts';
import { until } from '../helpers/until.ts';
import { copyRoot, Machine } from './harness/machine.ts';

/** A clean Debian with systemd that sees the sources as they are here, built. */
let machine: Machine;
let ports: { http: number; https: number };
let before: string;
let installed: string;

const SETUP = join(ROOT, 'image/setup.sh');
const PACKAGES = realpathSync(join(ROOT, 'node_modules'));
/** What changes by itself, and what others may change: the sources of this machine are seen inside. */
const LEFT_OUT = [
  ...['/proc', '/sys', '/run', '/tmp', '/var/tmp', '/var/log', '/var/lib/systemd', '/dev', '/interrupt'],
  ...[ROOT, PACKAGES],
];
const find = (what: string) =>
  `find / -xdev ${LEFT_OUT.map((folder) => `-not -path '${folder}/*' -not -path '${folder}'`).join(' ')} -not -path '/var/lib/reeve/*' -not -name '*-' ${what}`;
/** What there is on the machine, whose and how, but for what changes by itself. */
const files = async () =>
  (await machine.run(`${find("-printf '%p %u %g %m %l\\n'")} | sort; getent passwd; getent group`)).text;
const words = () => `--yes --http-port ${ports.http} --https-port ${ports.https}`;
const setup = (more = words()) => machine.run(`sh ${SETUP} ${more}`);
const healthy = (port = ports.http) => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok);
const property = async (name: string) =>
  (await machine.run(`systemctl show --property ${name} --value reeve`)).text.trim();

beforeAll(async () => {
  machine = await Machine.boot(copyRoot(inject('debian')), [ROOT, PACKAGES]);
  ports = { http: await freePort(), https: await freePort() };
  // It shares the network of this machine, where nothing is to be advertised.
  await machine.run('mkdir /etc/reeve; echo REEVE_MDNS=off >/etc/reeve/appliance.env');
  before = await files();
}, 400_000);

afterAll(() => machine?.stop(), 60_000);

describe('setup.sh, on a clean Debian', () => {
  it('refuses what cannot be, says why, and changes nothing', async () => {
    const held = await holdPort();
    onTestFinished(() => held.release());
    for (const [line, cure] of [
      [`sh ${SETUP} --yes --data /home/reeve`, 'take a folder such as /srv/reeve'],
      [`sh ${SETUP} --yes --data /usr`, 'take an empty folder'],
      [`sh ${SETUP} --yes --data '/srv/a b'`, 'letters, digits'],
      [`sh ${SETUP} --yes --http-port 80`, 'from 1024 to 65535'],
      [`sh ${SETUP} --yes --http-port 9000 --https-port 9000`, 'take two'],
      [`sh ${SETUP} --whatever`, 'there is no option --whatever'],
      [`setsid --wait sh ${SETUP} </dev/null`, '--yes takes the defaults'],
      [`setpriv --reuid nobody --clear-groups sh ${SETUP} --yes`, 'put sudo before sh'],
    ]) {
      const said = await machine.run(line ?? '');
      expect(said.text).toContain(cure);
      expect(said.code).toBe(1);
    }
    expect(await files()).toBe(before);
  });

  it('where Node is too old or missing it takes the system’s, if that is new enough, and else says what to do', async () => {
    const offering = (version: string) =>
      machine.run(`mkdir -p /interrupt/apt && mv /usr/bin/node /interrupt/node 2>/dev/null; cd /interrupt/apt
printf '#!/bin/sh\\necho "  Candidate: ${version}"\\n' >apt-cache
printf '#!/bin/sh\\necho "$@" >>/interrupt/asked\\ncp /interrupt/node /usr/bin/node\\n' >apt-get
chmod +x *; PATH=/interrupt/apt:$PATH sh ${SETUP} ${words()}`);
    const said = await offering('18.20.4+dfsg-1');
    expect(said.text).toContain('Node 20.19 or newer');
    expect(said.text).toContain('the system offers 18.20.4');
    expect(said.code).toBe(1);
    expect((await offering('20.19.2+dfsg-1')).code).toBe(0);
    expect((await machine.run('cat /interrupt/asked')).text).toMatch(/install nodejs$/m);
    expect(
      await machine.run(
        `sh ${SETUP} --uninstall --remove-data --yes; mkdir /etc/reeve; echo REEVE_MDNS=off >/etc/reeve/appliance.env`,
      ),
    ).toMatchObject({ code: 0 });
    expect(await files()).toBe(before);
  });

  it('installs a service that answers, runs as nobody in particular, and prints the link with the set-up code', async () => {
    const said = await setup();
    expect(said, said.text).toMatchObject({ code: 0 });
    const link = new RegExp(`http://\\S+:${ports.http}/#code=([\\w-]+)`).exec(said.text);
    expect(link?.[1]?.length).toBeGreaterThan(20);
    expect((await machine.run(`grep -rlF -e '${link?.[1]}' /var/log/reeve-setup-* /etc/reeve`)).text).toBe('');
    expect(await healthy()).toBe(true);
    expect((await machine.run('stat -c "%U %a" /var/lib/reeve /etc/reeve/appliance.env')).text).toBe(
      'reeve 700\nroot 640\n',
    );
    expect(
      (
        await machine.run(
          `grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/${await property('MainPID')}/status`,
        )
      ).text,
    ).toMatch(/^Uid:\t[1-9]\d*.*\nCapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1\nSeccomp:\t2\n$/);
    expect((await machine.run('systemctl is-enabled reeve')).text.trim()).toBe('enabled');
    installed = await files();
  });

  it('is exposed to 1.3 at most, as systemd counts; to 1.4 where it is older than 253, because a child tells it there', async () => {
    const exposure = (await machine.run('systemd-analyze security reeve --no-pager | tail -1')).text;
    const version = Number(/\d+/.exec((await machine.run('systemctl --version')).text)?.[0]);
    console.log(`systemd ${version}: ${exposure.trim()}`);
    expect(Number(/(\d+\.\d)/.exec(exposure)?.[1])).toBeLessThanOrEqual(version >= 253 ? 1.3 : 1.4);
  });

  it('run again, it changes nothing, not even what the time of a file says', async () => {
    const pid = await property('MainPID');
    await machine.run('touch /tmp/stamp');
    const said = await setup('--yes');
    expect(said.text).toContain('Nothing was missing.');
    expect((await machine.run(`${find('-newer /tmp/stamp -not -path /var/lib/reeve')}`)).text).toBe('');
    expect(await property('MainPID')).toBe(pid);
    expect(await files()).toBe(installed);
  });

  it('has a command that acts as the service, with its settings', async () => {
    const said = await machine.run('reeve user list');
    expect(said.text).toContain('in use by the process');
    expect((await machine.run('setpriv --reuid nobody --clear-groups reeve user list')).text).toContain('needs root');
  });

  it('starts again when it is killed', async () => {
    const pid = await property('MainPID');
    await machine.run(`kill -9 ${pid}`);
    await until(async () => !['0', pid].includes(await property('MainPID')), { timeoutMs: 30_000, everyMs: 500 });
    await until(() => healthy().catch(() => false), { timeoutMs: 60_000, everyMs: 500 });
  });

  it('takes another port, keeps what somebody wrote into the settings, and refuses a port that is taken', async () => {
    const held = await holdPort(0, '0.0.0.0');
    onTestFinished(() => held.release());
    await machine.run('echo REEVE_LOG_LEVEL=debug >>/etc/reeve/appliance.env');
    const refused = await setup(`--yes --http-port ${held.port}`);
    expect(refused.text).toContain(`port ${held.port} is taken`);
    expect(await setup(), 'and back again').toMatchObject({ code: 0 });
    expect(await healthy()).toBe(true);
    const kept = (await machine.run('cat /etc/reeve/appliance.env')).text;
    expect(kept).toMatch(/^REEVE_MDNS=off\nREEVE_LOG_LEVEL=debug\nREEVE_DATA=/m);
    expect(kept.match(/REEVE_HTTP_PORT/g)).toHaveLength(1);
  });

  it('taken away, it leaves the data with what opens it, and nothing runs', async () => {
    expect(await machine.run(`sh ${SETUP} --uninstall`)).toMatchObject({ code: 0 });
    expect((await machine.run('ls /var/lib/reeve/format.json /etc/reeve/appliance.env')).code).toBe(0);
    expect(
      (await machine.run('ls /usr/local/lib/reeve /usr/local/bin/reeve /etc/systemd/system/reeve.service')).code,
    ).toBe(2);
    expect((await machine.run('grep -ls "^Uid:.$(id -u reeve)" /proc/[0-9]*/status')).text).toBe('');
  });
});

/** Commands that change something: each kind of use of them is killed once, with setup.sh, before it does. */
const CHANGING = ['mkdir', 'chown', 'mv', 'useradd', 'systemctl'];
const KILLER = (name: string) => `#!/bin/sh
case "${name} $1" in 'systemctl show' | 'systemctl is-'*) exec /usr/bin/${name} "$@" ;; esac
if ! grep -qxF "${name} $1" /interrupt/seen; then echo "${name} $1" >>/interrupt/seen; kill -9 0; fi
PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ${name} "$@"
`;

describe('setup.sh, stopped at each of its steps and run again', () => {
  it('goes on where it was, and ends as if it had not been stopped; the data is the same', {
    timeout: 300_000,
  }, async () => {
    const identity = (await machine.run('cat /var/lib/reeve/appliance.json')).text;
    expect(await machine.run(`sh ${SETUP} --uninstall && userdel reeve`)).toMatchObject({ code: 0 });
    await machine.run('mkdir -p /interrupt/bin; : >/interrupt/seen; sed -i /LOG_LEVEL/d /etc/reeve/appliance.env');
    for (const name of CHANGING)
      await machine.run(`cat >/interrupt/bin/${name} <<'END'\n${KILLER(name)}END\nchmod +x /interrupt/bin/${name}`);
    // In the middle of the copy, which is the longest step.
    await machine.run(
      `setsid --wait sh -c 'sh ${SETUP} ${words()} & until [ -e /usr/local/lib/reeve.new/dist/web ]; do :; done; kill -9 0'`,
    );
    expect((await machine.run('test -e /usr/local/lib/reeve')).code).toBe(1);
    const codes: (number | null)[] = [];
    while (codes.at(-1) !== 0 && codes.length < 40)
      codes.push((await machine.run(`PATH=/interrupt/bin:$PATH setsid --wait sh ${SETUP} ${words()}`)).code);
    const seen = (await machine.run('cat /interrupt/seen')).text.trim().split('\n');
    console.log(`stopped before: ${seen.join(' · ')}`);
    expect(codes).toEqual([...seen.map(() => 137), 0]);
    expect(new Set(seen.map((line) => line.split(' ')[0]))).toEqual(new Set(CHANGING));
    expect(seen.length).toBeGreaterThan(10);
    expect(await files()).toBe(installed);
    expect(await healthy()).toBe(true);
    expect((await machine.run('cat /var/lib/reeve/appliance.json')).text).toBe(identity);
    expect((await setup()).text).toContain('Nothing was missing.');
  });

  it('taken away with its data, it leaves nothing but its logs', async () => {
    expect(await machine.run(`sh ${SETUP} --uninstall --remove-data --yes`)).toMatchObject({ code: 0 });
    await machine.run('mkdir /etc/reeve; echo REEVE_MDNS=off >/etc/reeve/appliance.env');
    expect(await files()).toBe(before);
    expect((await machine.run('ls /var/lib/reeve')).code).toBe(2);
    expect((await machine.run('ls /var/log/reeve-setup-*.log | wc -l')).text.trim()).not.toBe('0');
  });
});

describe('the unit in the sources', () => {
  it('starts the appliance as all others are started', async () => {
    const { APPLIANCE_FLAGS } = await import('../../image/appliance-flags.mjs');
    const unit = readFileSync(join(ROOT, 'image/systemd/reeve.service'), 'utf8');
    expect(unit).toContain(
      `\nExecStart=/usr/bin/node ${APPLIANCE_FLAGS.join(' ')} /usr/local/lib/reeve/dist/appliance/main.js\n`,
    );
  });
});
