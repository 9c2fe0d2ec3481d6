import { msg } from '../msg.ts';

/** What setting up asks for, in order; `code` and `owner` before there is an owner. */
export type StepId = 'code' | 'owner' | 'site' | 'host';

export const STEPS: readonly { id: StepId; title: () => string }[] = [
  { id: 'code', title: () => msg('Set-up code') },
  { id: 'owner', title: () => msg('Your account') },
  { id: 'site', title: () => msg('Your site') },
  { id: 'host', title: () => msg('First host') },
];

/** ISO 4217 by the region of a language tag; what is not here is asked for with the euro as a proposal. */
const CURRENCIES: Readonly<Record<string, string>> = {
  AR: 'ARS',
  AU: 'AUD',
  BG: 'BGN',
  BR: 'BRL',
  CA: 'CAD',
  CH: 'CHF',
  CL: 'CLP',
  CN: 'CNY',
  CZ: 'CZK',
  DK: 'DKK',
  GB: 'GBP',
  HK: 'HKD',
  HU: 'HUF',
  ID: 'IDR',
  IL: 'ILS',
  IN: 'INR',
  IS: 'ISK',
  JP: 'JPY',
  KR: 'KRW',
  LI: 'CHF',
  MX: 'MXN',
  MY: 'MYR',
  NO: 'NOK',
  NZ: 'NZD',
  PH: 'PHP',
  PL: 'PLN',
  RO: 'RON',
  SE: 'SEK',
  SG: 'SGD',
  TH: 'THB',
  TR: 'TRY',
  TW: 'TWD',
  UA: 'UAH',
  US: 'USD',
  ZA: 'ZAR',
};

/** A likely currency for somebody who reads `language` (BCP 47). */
export function likelyCurrency(language: string): string {
  const region = /-([A-Z]{2})\b/.exec(language)?.[1];
  return (region && CURRENCIES[region]) || 'EUR';
}

/** The time zone of this browser, or UTC where it does not say. */
export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** What stands in the place of a step's form until it was read. */
export const formWords = (): { failed: string; loading: string } => ({
  failed: msg('This form could not be loaded'),
  loading: msg('Loading the form'),
});
