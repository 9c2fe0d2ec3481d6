import type { TrailEntry } from '../../../protocol/routes/trail.ts';
import { csvCell } from '../../csv.ts';
import { canonical } from './chain.ts';

/** Entries as a file, as they are read. */
export interface TrailFile {
  type: string;
  name: string;
  begin: string;
  line(entry: TrailEntry): string;
}

const COLUMNS = ['at', 'who', 'from', 'what', 'title', 'siteId', 'detail', 'before', 'after'] as const;

function cell(value: unknown): string {
  if (value === undefined) return '';
  return csvCell(typeof value === 'string' ? value : canonical(value));
}

export const FILES: Readonly<Record<'csv' | 'jsonl', TrailFile>> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    name: 'audit-trail.csv',
    begin: `${COLUMNS.join(',')}\r\n`,
    line: (entry) =>
      `${COLUMNS.map((name) => cell(name === 'at' ? new Date(entry.at).toISOString() : entry[name])).join(',')}\r\n`,
  },
  jsonl: {
    type: 'application/x-ndjson',
    name: 'audit-trail.jsonl',
    begin: '',
    line: (entry) => `${JSON.stringify(entry)}\n`,
  },
};
