import type { Tally } from './tally.ts';

/** A document of any kind as it is stored; its schema is nobody's matter here. */
export interface AnyDocument {
  kind: string;
  id: string;
  rev: number;
  /** All of it but `rev`, with its id. */
  body: Record<string, unknown>;
}

/** Counts documents on their way. */
export async function* counted(documents: AsyncIterable<AnyDocument>, tally: Tally): AsyncIterable<AnyDocument> {
  for await (const document of documents) {
    const { kind, id, rev, body } = document;
    // Fields in their order: the audit trail signs it.
    tally.add(`documents ${kind}`, String(rev), JSON.stringify({ id, ...body }));
    yield document;
  }
}
