import type { SessionAnswer } from '../../protocol/routes/access.ts';
import type { Page } from '../pages/page.ts';

type May = (role: SessionAnswer['role']) => boolean;

const isOpenTo = (page: Page, may: May): boolean => page.access === undefined || may(page.access);

/** Pages that the person may open and that one finds without coming from another page, in order of the list. */
export const placesFor = (pages: readonly Page[], may: May): Page[] =>
  pages.filter((page) => (page.nav ?? page.group) !== undefined && isOpenTo(page, may));

/** The places of the navigation itself: a group has one, that of its first page. */
export const railPlaces = (pages: readonly Page[], may: May): Page[] =>
  placesFor(pages, may).filter((page) => page.nav !== undefined);

/** The list beside a page of a group; empty where there is nothing to choose from. */
export function groupPlaces(pages: readonly Page[], current: Page | undefined, may: May): Page[] {
  if (current?.group === undefined) return [];
  const places = placesFor(pages, may).filter(({ group }) => group === current.group);
  return places.length > 1 ? places : [];
}

/** Where a page is found without parameters: `/keys/:keyId?` → `/keys`. */
export const addressOf = ({ path }: Page): string => path.replace(/\/:.*$/, '') || '/';

/** How a place is marked for the page that is open: itself, or as what stands above it. */
export function currentness(place: Page, current: Page | undefined): 'page' | 'true' | 'false' {
  if (place === current) return 'page';
  const isAbove = place.id === current?.within || (place.group !== undefined && place.group === current?.group);
  return isAbove ? 'true' : 'false';
}
