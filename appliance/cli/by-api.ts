import { z } from 'zod';
import { UsageError } from './words.ts';

/** A running appliance, and who asks it. */
export interface ApiPlace {
  /** Where it is, `http://127.0.0.1:8080`. */
  url: string;
  apiKey: string | undefined;
}

const problem = z.object({ title: z.string(), detail: z.string().optional() });

/** Fails with `UsageError` where there is no API key. */
export function needKey({ apiKey }: ApiPlace, whose: string): void {
  if (!apiKey) throw new UsageError(`Set REEVE_API_KEY to an API key of ${whose} (page API keys)`);
}

/** Codes of OpenSSL for a certificate whose authority nobody told Node of. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

function whyOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (UNTRUSTED.test(cause?.code ?? ''))
    return 'its certificate is not trusted here. Save /ca.crt of the appliance and name that file in NODE_EXTRA_CA_CERTS';
  return cause?.code ?? cause?.message ?? String(error);
}

/** What the appliance answers to a call without a body. Fails in its words, or with why it was not reached. */
export async function ask({ url, apiKey = '' }: ApiPlace, method: string, path: string): Promise<unknown> {
  const response = await fetch(url + path, { method, headers: { 'x-api-key': apiKey } }).catch((error: unknown) => {
    throw new Error(`${url} cannot be asked: ${whyOf(error)}`, { cause: error });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const found = problem.safeParse(body);
  throw Object.assign(
    new Error(found.success ? (found.data.detail ?? found.data.title) : `The appliance answered ${response.status}`),
    { code: String(response.status) },
  );
}
