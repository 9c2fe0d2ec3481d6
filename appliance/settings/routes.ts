import { z } from 'zod';
import { changeSettings, listSettings, readSettings, type SettingsSection } from '../../protocol/routes/settings.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { mayDo, type Session } from '../session.ts';
import type { Section } from './section.ts';
import type { Settings } from './settings.ts';

/** Store and routes know no section by name: each is served as it declares itself. */
export function serveSettings<Sections extends readonly Section[]>(
  routes: Routes,
  settings: Settings<Sections>,
  isImage: () => boolean,
): void {
  const forms = new Map(settings.sections.map(({ id, settings }) => [id, z.toJSONSchema(settings, { io: 'input' })]));

  const answer = (section: Section, session: Session): SettingsSection => ({
    id: section.id,
    title: section.title,
    scope: section.scope,
    mayChange: mayDo(session, section.access.change),
    form: forms.get(section.id) as Record<string, unknown>,
    ...settings.view(section, session.siteId),
  });

  const sectionFor = (session: Session, id: string, need: 'read' | 'change'): Section => {
    const section = settings.sections.find((each) => each.id === id);
    if (!section || (section.onImage && !isImage())) throw new Problem('not-found', 'There are no such settings');
    const role = section.access[need];
    if (!mayDo(session, role)) throw new Problem('not-allowed', `This needs the role ${role}`);
    return section;
  };

  routes.serve(listSettings, ({ session }) => ({
    items: settings.sections
      .filter(({ access, onImage }) => mayDo(session, access.read) && (!onImage || isImage()))
      .map((section) => answer(section, session)),
  }));

  routes.serve(readSettings, ({ session, params, setHeader }) => {
    const found = answer(sectionFor(session, params.section, 'read'), session);
    setHeader('etag', `"${found.rev}"`);
    return found;
  });

  routes.serve(changeSettings, async ({ session, params, body, note }) => {
    const section = sectionFor(session, params.section, 'change');
    const { value: before } = settings.view(section, session.siteId);
    await settings.change(section, session.siteId, {
      rev: body.rev,
      given: body.value,
      mayRefer: mayDo(session, 'owner'),
    });
    const changed = answer(section, session);
    note({ before, after: changed.value });
    return changed;
  });
}
