import type { Host } from '../../protocol/hosts.ts';
import type { Page } from '../pages/page.ts';
import { addressOf } from './places.ts';

/** Somewhere to jump to. */
export interface Target {
  title: string;
  /** What it is, in smaller letters. */
  more: string;
  href: string;
  host?: Host;
}

/** Whether every word of the search is in the text, in any order and case. */
export function matches(text: string, search: string): boolean {
  const all = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** Everything about a host that one may search for. */
export const hostWords = ({ name, tags, facts, role, location, rack, hostName, addresses }: Host): string =>
  [
    name,
    ...tags,
    role,
    location,
    rack,
    hostName,
    facts?.hostName,
    facts?.os,
    ...(addresses ?? []),
    ...(facts?.addresses ?? []),
  ]
    .filter(Boolean)
    .join(' ');

const groupTitle = (pages: readonly Page[], { group }: Page): string =>
  pages.find((page) => page.group === group && page.nav?.title)?.nav?.title?.() ?? '';

/** Pages and hosts that fit the search; those whose title begins with it come first. */
export function targetsFor(search: string, pages: readonly Page[], hosts: readonly Host[]): Target[] {
  const wanted = search.trim();
  const found: Target[] = [
    ...pages
      .map((page) => ({ title: page.title(), more: page.group ? groupTitle(pages, page) : '', href: addressOf(page) }))
      .filter(({ title, more }) => matches(`${title} ${more}`, wanted)),
    ...hosts
      .filter((host) => matches(hostWords(host), wanted))
      .map((host) => ({
        title: host.name,
        more: [...host.tags, host.facts?.os ?? ''].filter(Boolean).join(' · '),
        href: `/hosts/${host.id}`,
        host,
      })),
  ];
  const begins = ({ title }: Target) => (title.toLowerCase().startsWith(wanted.toLowerCase()) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b));
}
