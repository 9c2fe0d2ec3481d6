import { pairWith } from '../../discovery/pairing/client.ts';
import { makeAgentDist } from './agent-dist.ts';
import { EXAMPLES } from './examples.ts';
import { connectByHand, declared, frameOf, type HandAgent, helloOf } from './hand-agent.ts';
import { type Answered, type InProcess, startInProcess } from './in-process.ts';
import { someFacts } from './pairing-appliance.ts';
import type { Ids } from './samples.ts';
import { until } from './until.ts';

export const PASSWORD = 'correct horse battery';

/** Somebody who calls: nobody, a person or a key. */
export interface Party {
  /** `viewer of home`, `key of admin of home` … */
  name: string;
  role: 'none' | 'viewer' | 'operator' | 'admin' | 'owner';
  kind: 'user' | 'key';
  /** Cookie or key. */
  headers: Record<string, string>;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
}

/** One site with everything that can be in it; all its words begin with `mark`. */
export interface World {
  mark: string;
  siteId: string;
  agent: HandAgent;
  /** Sends the next frame of its host. */
  sendFrame(): Promise<unknown>;
  /** By role: those whose only site this is; `owner` is in every site. */
  people: Record<'viewer' | 'operator' | 'admin', Party>;
  keys: Record<'viewer' | 'operator' | 'admin' | 'owner', Party>;
  /** Of what is in it, by the names that routes use. */
  ids: Ids;
  /** What no answer to another site may hold. */
  secrets: string[];
}

const ROLES = ['viewer', 'operator', 'admin'] as const;

export function party(reeve: InProcess, who: Pick<Party, 'name' | 'role' | 'kind' | 'headers'>): Party {
  return {
    ...who,
    async ask(method, path, body, headers = {}) {
      const response = await fetch(reeve.http + path, {
        method,
        redirect: 'manual',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...who.headers, ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /^[[{]/.test(text) && (response.headers.get('content-type') ?? '').includes('json');
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    },
  };
}

export const nobody = (reeve: InProcess): Party =>
  party(reeve, { name: 'nobody', role: 'none', kind: 'user', headers: {} });

/** Answers what must have succeeded. */
export async function must(answer: Promise<Answered>): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Signs in over HTTP; fails where that is refused. */
export async function signInAs(
  reeve: InProcess,
  { userName, name = userName, role }: { userName: string; name?: string; role: Party['role'] },
): Promise<Party> {
  const { status, body, headers } = await nobody(reeve).ask('POST', '/api/v1/session', {
    userName,
    password: PASSWORD,
  });
  if (status !== 201) throw new Error(`${userName} is not let in: ${status} ${JSON.stringify(body)}`);
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  return party(reeve, { name, role, kind: 'user', headers: { cookie } });
}

export async function keyOf(
  maker: Party,
  reeve: InProcess,
  form: { name: string; role: Party['role'] },
): Promise<Party & { id: string }> {
  const { key, id } = await must(maker.ask('POST', '/api/v1/keys', form));
  const made = party(reeve, { ...form, kind: 'key', headers: { 'x-api-key': String(key) } });
  return { ...made, id: String(id) };
}

/** Fills the owner's present site. */
async function fill(
  reeve: InProcess,
  owner: Party,
  { mark, siteId }: { mark: string; siteId: string },
): Promise<World> {
  const token = await must(owner.ask('POST', '/api/v1/agents/tokens', { name: `${mark}-nas` }));
  const open = await must(owner.ask('POST', '/api/v1/agents/tokens', { name: `${mark}-open` }));
  const facts = { ...someFacts, hostName: `${mark}-nas` };
  const pairing = await pairWith(reeve.https, { token: String(token.token), name: `${mark}-nas`, facts });
  const agent = await connectByHand(reeve.https, pairing);
  agent.socket.on('update', (_order, reply) => reply({ ok: false, reason: `${mark} does not like it` }));
  const updatable = { program: 'script', may: [{ action: 'update_agent' }] };
  const hello = await agent.say<{ hostId: string }>('hello', { ...helloOf(`${mark}-nas`), ...updatable });
  if (!hello.ok) throw new Error('the agent is not welcome');
  const descriptors = declared.descriptors.map((each) =>
    each.id === 'test.depth' ? { ...each, id: `${mark}.depth` } : each,
  );
  const series = declared.series.map((each) =>
    each.metric === 'test.depth' ? { ...each, metric: `${mark}.depth` } : each,
  );
  await agent.say('declare', { ...declared, descriptors, series });
  let seq = 0;
  const sendFrame = (): Promise<unknown> => agent.say('frames', { offsetMs: 0, frames: [frameOf(++seq)] });
  await sendFrame();

  const people = {} as World['people'];
  const userIds: string[] = [];
  for (const role of ROLES) {
    const userName = `${mark}-${role}`;
    const made = await must(
      owner.ask('POST', '/api/v1/users', { userName, password: PASSWORD, roles: [{ siteId, role }] }),
    );
    userIds.push(String(made.id));
    people[role] = await signInAs(reeve, { userName, name: `${role} of ${mark}`, role });
  }
  const keys = {} as World['keys'];
  const keyIds: string[] = [];
  for (const role of [...ROLES, 'owner'] as const) {
    const key = await keyOf(owner, reeve, { name: `${mark}-${role}-key`, role });
    keyIds.push(key.id);
    keys[role] = { ...key, name: `key of ${role} of ${mark}` };
  }
  const rule = await must(
    people.admin.ask('POST', '/api/v1/alert-rules', {
      title: `${mark} is deep`,
      severity: 'high',
      metric: `${mark}.depth`,
      condition: { id: 'above', settings: { threshold: -1 } },
    }),
  );
  await sendFrame();
  const alert = await until(
    async () => ((await must(people.admin.ask('GET', '/api/v1/alerts'))).items as { id: string }[])[0],
  );
  const value = { url: `https://${mark}.example/hook` };
  const channel = await must(
    people.admin.ask('POST', '/api/v1/notification-channels', {
      kind: 'webhook',
      name: `${mark} pager`,
      isEnabled: false,
      value,
    }),
  );
  const route = await must(
    people.admin.ask('POST', '/api/v1/notification-routes', { title: `${mark} to all`, channelIds: [channel.id] }),
  );
  const board = await must(
    people.viewer.ask('POST', '/api/v1/boards', {
      name: `${mark} evening`,
      panels: [{ kind: 'chart', metric: `${mark}.depth`, hosts: [`${mark}-nas`] }],
    }),
  );
  const subscription = EXAMPLES['push.add']?.({}).body as { endpoint: string };
  const endpoint = `${subscription.endpoint}/${mark}`;
  const browser = await must(
    people.operator.ask('POST', '/api/v1/account/push/browsers', { ...subscription, endpoint }),
  );
  const silence = await must(
    people.operator.ask('POST', '/api/v1/silences', {
      reason: `${mark} is rebuilt`,
      match: { hostIds: [hello.value.hostId], severities: ['low'] },
      endsAt: Date.now() + 3_600_000,
    }),
  );
  const maintenance = await must(
    people.admin.ask('POST', '/api/v1/maintenance-windows', {
      title: `${mark} updates`,
      reason: `${mark} is updated`,
      match: { hostIds: [hello.value.hostId], severities: ['low'] },
      schedule: { kind: 'weekly', days: [7], from: '02:00', to: '04:00' },
    }),
  );
  const { id: subnetId } = await must(
    people.admin.ask('POST', '/api/v1/network/subnets', {
      cidr: `10.${mark.charCodeAt(0)}.1.0/24`,
      name: `${mark} cellar`,
    }),
  );
  const { id: deviceId } = await must(
    people.operator.ask('POST', '/api/v1/network/devices', { name: `${mark} printer`, mac: '00:1a:2b:3c:4d:5e' }),
  );
  const auditKey = await must(people.admin.ask('POST', '/api/v1/audit-keys', { name: `${mark} audits` }));
  const target = await must(
    people.admin.ask('POST', '/api/v1/audit-targets', {
      ...{ name: `${mark} by ssh`, address: `${mark}.invalid`, user: 'reeve', keyId: auditKey.id },
    }),
  );
  const audit = await must(people.operator.ask('POST', `/api/v1/audit-targets/${target.id}/audits`, {}));
  const waiver = await must(
    people.admin.ask('POST', `/api/v1/audit-targets/${target.id}/waivers`, {
      ...{ checkId: 'firewall', reason: `${mark} has one in front` },
    }),
  );
  const { id: rollOutId } = await must(people.admin.ask('POST', '/api/v1/agents/roll-outs', {}));
  const sessions = (await must(people.admin.ask('GET', '/api/v1/sessions'))).items as { id: string }[];
  const ids = {
    siteId,
    hostId: hello.value.hostId,
    agentId: pairing.agentId,
    tokenId: String(open.tokenId),
    userId: userIds[0] ?? '',
    keyId: keyIds[0] ?? '',
    sessionId: sessions[0]?.id ?? '',
    ruleId: String(rule.id),
    alertId: alert.id,
    ...{ channelId: String(channel.id), routeId: String(route.id), boardId: String(board.id) },
    browserId: String(browser.id),
    ...{ auditKeyId: String(auditKey.id), targetId: String(target.id), waiverId: String(waiver.id) },
    ...{ auditId: String(audit.id), beforeId: String(audit.id) },
    ...{ silenceId: String(silence.id), windowId: String(maintenance.id), parentId: hello.value.hostId },
    rollOutId: String(rollOutId),
    ...{ subnetId: String(subnetId), deviceId: String(deviceId) },
    ...{ otherDeviceId: String(deviceId), mergedDeviceId: String(deviceId) },
    metrics: `${mark}.depth`,
  };
  const { metrics: _, ...secret } = ids;
  return {
    mark,
    siteId,
    agent,
    sendFrame,
    people,
    keys,
    ids,
    secrets: [mark, ...Object.values(secret), ...userIds, ...keyIds],
  };
}

/** An appliance with an owner who is signed in. */
export async function startWithOwner(
  options: Parameters<typeof startInProcess>[0] = {},
): Promise<{ reeve: InProcess; owner: Party }> {
  const reeve = await startInProcess({ distDir: makeAgentDist(), ...options });
  const form = { code: reeve.setupCode, siteName: 'homely', userName: 'owner', password: PASSWORD };
  await must(nobody(reeve).ask('POST', '/api/v1/setup/owner', form));
  return { reeve, owner: await signInAs(reeve, { userName: 'owner', role: 'owner' }) };
}

export interface TwoSites {
  reeve: InProcess;
  /** In `home`. */
  owner: Party;
  home: World;
  /** What nobody of `home` may learn of. */
  canary: World;
  stop(): Promise<void>;
}

/** An appliance with two sites that have everything, so that a test can try the wall between them. */
export async function startTwoSites(): Promise<TwoSites> {
  const { reeve, owner } = await startWithOwner();
  const { session } = await must(owner.ask('GET', '/api/v1/entry'));
  const { siteId } = session as { siteId: string };
  const other = await must(owner.ask('POST', '/api/v1/sites', { name: 'canary-site' }));
  await must(owner.ask('PUT', '/api/v1/session/site', { siteId: other.id }));
  const canary = await fill(reeve, owner, { mark: 'canary', siteId: String(other.id) });
  await must(owner.ask('PUT', '/api/v1/session/site', { siteId }));
  const home = await fill(reeve, owner, { mark: 'homely', siteId });
  const stop = async (): Promise<void> => {
    home.agent.close();
    canary.agent.close();
    await reeve.stop();
  };
  return { reeve, owner, home, canary, stop };
}
