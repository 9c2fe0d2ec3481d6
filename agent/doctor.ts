import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { pinnedAgent } from '../discovery/pairing/pinned.ts';
import { ceilingLines } from './ceiling-file.ts';
import type { Collector } from './collectors/collector.ts';
import { collectors as all } from './collectors/index.ts';
import { readFacts } from './facts.ts';
import { type Identity, readIdentity } from './identity.ts';
import { openAgentLog } from './log.ts';
import { clientIdOf, type MqttSettings } from './mqtt/settings.ts';
import type { AgentOptions } from './options.ts';
import { readBroker, readCeiling, readOwnFile } from './own-file.ts';
import { type CollectorState, Sampler } from './sampler.ts';
import { SeriesTable } from './series.ts';
import { SPOOL_BYTES, spoolState } from './spool/folder.ts';
import { holderOf } from './state-lock.ts';
import { VERSION } from './version.ts';
import { spanText } from './words.ts';

/** Collectors beside the frames get so long. */
const SLOW_MS = 30_000;
const REACH_MS = 5_000;
/** HTTP tells time to the second. */
const TELLS_MS = 1_500;

/**
 * What the agent can read here and why not, whether it is paired, and whether its appliance is reached: text for people. It does
 * not speak as the agent, because the one that runs would then look like a clone.
 */
export async function examine(options: AgentOptions, collectors: readonly Collector[] = all): Promise<string> {
  const facts = readFacts(options.machineId === undefined ? {} : { machineId: options.machineId });
  const lines = [
    `Reeve agent ${VERSION}, Node ${process.versions.node}, ${facts.os}, kernel ${facts.kernel}, ${facts.architecture}`,
    '',
    'What is read',
    ...(await readings(options, collectors)).flatMap(stateLines),
    '',
    'What the appliance may ask for',
    ...ceilingLines(readCeiling(options.ownFile)).map((line) => `  ${line}`),
    '',
    ...(await far(options)),
  ];
  return `${lines.join('\n')}\n`;
}

async function readings({ ownFile }: AgentOptions, collectors: readonly Collector[]): Promise<CollectorState[]> {
  const series = new SeriesTable(collectors.flatMap(({ descriptors }) => descriptors));
  const sampler = new Sampler({
    collectors,
    series,
    platform: process.platform,
    settings: readOwnFile(ownFile, all).collectors,
    log: openAgentLog('silent'),
  });
  const read = () => sampler.sample({ at: Date.now(), mono: performance.now() });
  await read();
  await pause(1_000);
  await read();
  await sampler.sampleSlow({ at: Date.now(), mono: performance.now() }, SLOW_MS);
  sampler.close();
  return sampler.states;
}

const WORDS = { reading: 'read', absent: 'not here', failing: 'FAILS', unsupported: 'not on this system' } as const;

/** What it reads, and below each thing that it could not. */
const stateLines = ({ title, state, values, reason, missed }: CollectorState): string[] => [
  `  ${title.padEnd(16)} ${WORDS[state]}${state === 'reading' ? `, ${values} values` : ''}${reason ? `: ${reason}` : ''}`,
  ...missed.map((what) => `  ${''.padEnd(16)} not read: ${what}`),
];

function spoolText({ stateDir, spoolBytes = SPOOL_BYTES }: AgentOptions): string {
  const { files, bytes } = spoolState(stateDir);
  const room = spoolBytes === 0 ? 'memory only' : `room for ${megabytes(spoolBytes)}`;
  return files === 0 ? `empty, ${room}` : `${megabytes(bytes)} in ${files} files wait to be taken, ${room}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MB`;

/** The far end: the broker where the agent's own file names one, else the appliance. */
async function far(options: AgentOptions): Promise<string[]> {
  const mqtt = readBroker(options.ownFile);
  const lines = mqtt ? [...here(options), ...(await broker(mqtt))] : await membership(options);
  return [mqtt ? 'MQTT broker' : 'Appliance', ...lines.map((line) => `  ${line}`)];
}

/** By another name than the agent that runs, which a broker would throw out. */
async function broker(mqtt: MqttSettings): Promise<string[]> {
  const { Broker } = await import('./mqtt/broker.ts');
  const topic = `published to  metrics/${mqtt.site}/${mqtt.agent}/…`;
  const startedAt = performance.now();
  return Broker.connect(mqtt, clientIdOf(mqtt, 'd')).then(
    (connected) => {
      const tookMs = Math.round(performance.now() - startedAt);
      connected.close();
      return [topic, `reached       ${mqtt.url} in ${tookMs} ms, and let in`];
    },
    (error: Error) => [topic, `NOT reached   ${mqtt.url}: ${error.message}`],
  );
}

function here({ stateDir, ...rest }: AgentOptions): string[] {
  const holder = holderOf(stateDir);
  return [
    `state folder  ${stateDir}`,
    `running       ${holder === undefined ? 'no agent uses this folder' : `yes, process ${holder}`}`,
    `spool         ${spoolText({ stateDir, ...rest })}`,
  ];
}

async function membership(options: AgentOptions): Promise<string[]> {
  const { stateDir, hub } = options;
  const lines = here(options);
  try {
    const identity = readIdentity(stateDir);
    if (!identity)
      return [...lines, 'paired        no: in the dashboard choose "Add host", and start the agent with that token'];
    lines.push(`paired        yes, with appliance ${identity.applianceId} as agent ${identity.agentId}`);
    const urls = new Set([...(hub === undefined ? [] : [hub]), ...identity.urls]);
    for (const url of urls) lines.push(...(await reach(url, identity)));
  } catch (error) {
    lines.push(`paired        ${error instanceof Error ? error.message : String(error)}`);
  }
  return lines;
}

async function reach(url: string, identity: Identity): Promise<string[]> {
  const agent = pinnedAgent(identity);
  try {
    const { date, tookMs } = await ask(`${url}/health`, agent);
    const offset = date - (Date.now() - tookMs / 2);
    const clock =
      Math.abs(offset) < TELLS_MS
        ? 'as here'
        : `${spanText(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} this one`;
    return [`reached       ${url} in ${Math.round(tookMs)} ms, with the right certificate`, `its clock     ${clock}`];
  } catch (error) {
    return [`NOT reached   ${url}: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    agent.destroy();
  }
}

function ask(url: string, agent: ReturnType<typeof pinnedAgent>): Promise<{ date: number; tookMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, timeout: REACH_MS, signal: AbortSignal.timeout(REACH_MS) }, (answer) => {
      answer.resume();
      // The second is cut off on its way: half of it is the better guess.
      resolve({ date: Date.parse(answer.headers.date ?? '') + 500, tookMs: performance.now() - startedAt });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
