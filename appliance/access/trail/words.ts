import type { Route } from '../../../protocol/route.ts';

/** What stands in the trail and is no route; in the present, as the summaries of routes are. */
const WORDS: Readonly<Record<string, string>> = {
  'owner.created': 'Makes the owner’s account',
  'session.opened': 'Signs in',
  'session.refused': 'Is refused at sign-in',
  'key.used': 'Is used for the first time from this address',
  'agent.paired': 'Is paired',
  'agent.updated': 'Updates itself',
  'agent.notUpdated': 'Cannot update itself',
  'agent.quarantined': 'Is set aside as a clone',
  'data.moved': 'Moves documents and history between files and a database',
  'installs.ended': 'Ends the installation of an agent over SSH',
  'machine.updateFetched': 'Fetches an update of the system',
  'trail.lost': 'Cannot write entries; they are lost',
  'trail.damaged': 'Finds the audit trail damaged',
};

/** What each kind of entry says to people: the summary of its route up to the first semicolon or full stop, or its own words. */
export function wordsOf(table: readonly Route[]): (what: string) => string {
  const summaries = new Map(table.map(({ id, summary }) => [id, summary.split(/[;.] /)[0] ?? summary]));
  return (what) => summaries.get(what) ?? WORDS[what] ?? what;
}
