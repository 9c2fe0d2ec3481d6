import type { RouteKey } from '../protocol/routes/index.ts';
import { call, type ResponseOf } from './rest.ts';

/** Lists that answer in pages and ask for nothing but where a page begins. */
type Listed<K extends RouteKey> = K extends RouteKey
  ? ResponseOf<K> extends { items: readonly unknown[]; next?: string }
    ? K
    : never
  : never;
export type ListKey = Listed<RouteKey>;

/** One item of a list in pages. */
export type AnswerItem<K extends RouteKey> = ResponseOf<K> extends { items: readonly (infer Item)[] } ? Item : never;

/** More than a dashboard shows in one table; the rest is for the API. */
const MOST_PAGES = 20;

/** Every item of a list, page by page. Throws `ApiProblem`. */
export async function allOf<K extends ListKey>(key: K): Promise<AnswerItem<K>[]> {
  const items: AnswerItem<K>[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = { query: { limit: 500, ...(cursor !== undefined && { cursor }) } };
    const answer = (await call(key, request as never)) as unknown as { items: AnswerItem<K>[]; next?: string };
    items.push(...answer.items);
    cursor = answer.next;
    if (cursor === undefined) break;
  }
  return items;
}
