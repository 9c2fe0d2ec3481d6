import type { Route } from '../../../protocol/route.ts';

/** What stands in the trail and is no route. */
const WORDS: Readonly<Record<string, string>> = {
  'owner.created': 'Made the owner’s account',
  'session.opened': 'Signed in',
  'session.refused': 'Was refused at sign-in',
  'key.used': 'Was used for the first time from this address',
  'agent.paired': 'Was paired',
  'agent.updated': 'Updated itself',
  'agent.notUpdated': 'Could not update itself',
  'agent.quarantined': 'Was set aside as a clone',
  'installs.ended': 'Ended the installation of an agent over SSH',
  'trail.lost': 'Could not write entries; they are lost',
  'trail.damaged': 'Found the audit trail damaged',
};

/** What each kind of entry says to people: the summary of its route, or its own words. */
export function wordsOf(table: readonly Route[]): (what: string) => string {
  const summaries = new Map(table.map(({ id, summary }) => [id, summary]));
  return (what) => summaries.get(what) ?? WORDS[what] ?? what;
}
