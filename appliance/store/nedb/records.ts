import type { HistoryRecord, RecordStore } from '../history-engine.ts';
import type { DurableFile } from './durable.ts';
import { decodeDocument, encodeDocument } from './encoding.ts';

export class NedbRecords implements RecordStore {
  readonly #file: DurableFile;

  constructor(file: DurableFile) {
    this.#file = file;
  }

  async all(): Promise<HistoryRecord[]> {
    return (await this.#file.all()).map((stored) => decodeDocument(stored) as HistoryRecord);
  }

  async put(records: readonly HistoryRecord[]): Promise<void> {
    if (records.length > 0) await this.#file.put(records.map(encodeDocument));
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#file.remove(ids);
  }
}
