import { readFileSync, statSync } from 'node:fs';
import { type May, maySchema } from './ceiling.ts';
import type { Collector } from './collectors/collector.ts';
import { type MqttSettings, mqttSchema, mqttSettings } from './mqtt/settings.ts';
import { OptionError, readInterval } from './options.ts';

type Issue = { path: readonly PropertyKey[]; message: string };

/** What the agent's own file says. */
export interface OwnFile {
  /** Settings by the id of their collector. */
  collectors: Readonly<Record<string, unknown>>;
  /** The ceiling: what the appliance may ever ask for. */
  may: May;
  /** How often to read, in the place of what the appliance says; a flag or variable comes before it. */
  intervalMs?: number;
  /** A broker that gets the values in the place of an appliance. */
  mqtt?: MqttSettings;
}

/**
 * The agent's own file, `{"collectors": {"network": {"skip": ["eth9"]}, …}, "may": {"restart_service": ["nginx"]}}`; empty where there is
 * none. It names programs to run and things to do, so that it is believed only when nobody but its owner can write it. Throws
 * `OptionError` with what is wrong and where.
 */
export function readOwnFile(path: string, collectors: readonly Collector[]): OwnFile {
  const said = contentOf(path);
  for (const [id, settings] of Object.entries(said.collectors)) {
    const collector = collectors.find((each) => each.id === id);
    if (!collector) throw new OptionError(`${path}: there is no collector ${id}; docs/metrics.md lists them.`);
    refuseWrong(collector.settings.safeParse(settings), `${path}: collectors.${id}`);
  }
  const mqtt = mqttOf(path, said.mqtt);
  const intervalMs = intervalOf(path, said.interval);
  return {
    collectors: said.collectors,
    may: mayOf(path, said.may),
    ...(mqtt && { mqtt }),
    ...(intervalMs !== undefined && { intervalMs }),
  };
}

function intervalOf(path: string, said: unknown): number | undefined {
  if (said === undefined) return undefined;
  if (typeof said !== 'string') throw new OptionError(`${path}: interval is no text; write it as "5s" or "1m".`);
  return readInterval(said, `${path}: interval`);
}

/** Whether the file names a broker. */
export const readBroker = (path: string): MqttSettings | undefined => mqttOf(path, contentOf(path).mqtt);

function mqttOf(path: string, said: unknown): MqttSettings | undefined {
  if (said === undefined) return undefined;
  const result = mqttSchema.safeParse(said);
  refuseWrong(result, `${path}: mqtt`);
  if (!result.data) return undefined;
  if (result.data.password !== undefined) refuseOpen(path);
  try {
    return mqttSettings(result.data);
  } catch (error) {
    throw new OptionError(`${path}: mqtt.ca: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A file with a password is for its owner and its group. Windows has no such modes. */
function refuseOpen(path: string): void {
  if (process.platform !== 'win32' && (statSync(path).mode & 0o007) !== 0)
    throw new OptionError(`${path} holds a password and can be read by everybody: chgrp reeve-agent and chmod 640 it.`);
}

/** Only the ceiling of the file. */
export const readCeiling = (path: string): May => mayOf(path, contentOf(path).may);

function mayOf(path: string, said: unknown): May {
  const result = maySchema.safeParse(said);
  refuseWrong(result, `${path}: may`);
  return result.data ?? {};
}

function refuseWrong({ error }: { error?: { issues: readonly Issue[] } | undefined }, where: string): void {
  if (!error) return;
  const [issue] = error.issues;
  throw new OptionError(`${[where, ...(issue?.path ?? []).map(String)].join('.')}: ${issue?.message}`);
}

function textOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const self = process.getuid?.();
  if (self !== undefined && ((found.mode & 0o022) !== 0 || (found.uid !== 0 && found.uid !== self)))
    throw new OptionError(`${path} can be written by others than its owner: chown root and chmod go-w it.`);
  return readFileSync(path, 'utf8');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is in the file, by its parts; an empty object where collectors or ceiling are not said. */
export function contentOf(path: string): {
  collectors: Record<string, unknown>;
  may: unknown;
  mqtt?: unknown;
  interval?: unknown;
} {
  const text = textOf(path);
  if (text === undefined) return { collectors: {}, may: {} };
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    throw new OptionError(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(said)) throw new OptionError(`${path} is no object: write {"collectors": {…}, "may": {…}}.`);
  const { collectors = {}, may = {}, mqtt, interval, ...others } = said;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new OptionError(`${path} has ${other}, which is not known; there are collectors, interval, may and mqtt.`);
  if (!isObject(collectors)) throw new OptionError(`${path}: collectors is no object.`);
  return { collectors, may, ...(mqtt !== undefined && { mqtt }), ...(interval !== undefined && { interval }) };
}
