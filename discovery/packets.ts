import type { DnsRecord } from './records.ts';

/** Beyond these a packet is no honest answer; what is over is not looked at. */
const MOST_RECORDS = 256;
const MOST_QUESTIONS = 32;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The records of a decoded packet that matter here, whatever else is in it. */
export function readRecords(packet: unknown): DnsRecord[] {
  if (!isObject(packet)) return [];
  const records = [...listOf(packet.answers), ...listOf(packet.additionals)].slice(0, MOST_RECORDS);
  return records.flatMap((record) => readRecord(record) ?? []);
}

function readRecord(record: unknown): DnsRecord | undefined {
  if (!isObject(record)) return undefined;
  const { name, type, ttl, data } = record;
  if (typeof name !== 'string' || typeof ttl !== 'number') return undefined;
  const head = { name, ttl };
  if ((type === 'PTR' || type === 'A' || type === 'AAAA') && typeof data === 'string') return { ...head, type, data };
  if (type === 'TXT') return { ...head, type, data: readItems(data) };
  if (type === 'SRV' && isObject(data) && typeof data.port === 'number' && typeof data.target === 'string') {
    return { ...head, type, data: { port: data.port, target: data.target.toLowerCase() } };
  }
  return undefined;
}

const readItems = (data: unknown): Uint8Array[] =>
  (data instanceof Uint8Array ? [data] : listOf(data)).filter((item) => item instanceof Uint8Array);

export interface Question {
  name: string;
  type: string;
}

/** The questions of a decoded packet about names that `concerns` accepts, each once. */
export function readQuestions(packet: unknown, concerns: (name: string) => boolean): Question[] {
  if (!isObject(packet)) return [];
  const found = new Map<string, Question>();
  for (const question of listOf(packet.questions).slice(0, MOST_QUESTIONS)) {
    if (!isObject(question) || typeof question.name !== 'string' || typeof question.type !== 'string') continue;
    const { name, type } = question;
    if (concerns(name.toLowerCase())) found.set(`${type} ${name.toLowerCase()}`, { name, type });
  }
  return [...found.values()];
}
