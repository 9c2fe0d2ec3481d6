import { type OnboardingStep, type Preferences, preferences } from '../../protocol/routes/dashboard.ts';
import { type Collection, ConflictError, type Document, type DocumentStore, MissingError } from '../store/documents.ts';
import { type OnboardingRecord, onboardingRecords, type PreferencesRecord, preferencesRecords } from './documents.ts';

const OF_APPLIANCE = { siteId: 'appliance' };
const ONBOARDING = 'onboarding';

/** What the dashboard keeps on the appliance, so that it is the same on every device: preferences, and how far set-up came. */
export class Dashboard {
  readonly #preferences: Collection<PreferencesRecord>;
  readonly #onboarding: Collection<OnboardingRecord>;
  /** Known without asking, so that the dashboard opens while a database is away. */
  #step: OnboardingStep | undefined;

  private constructor(kept: Collection<PreferencesRecord>, onboarding: Collection<OnboardingRecord>) {
    this.#preferences = kept;
    this.#onboarding = onboarding;
  }

  static async open(documents: DocumentStore): Promise<Dashboard> {
    const kept = await documents.collection(preferencesRecords);
    const dashboard = new Dashboard(kept, await documents.collection(onboardingRecords));
    dashboard.#step = (await dashboard.#onboarding.get(ONBOARDING))?.step;
    return dashboard;
  }

  /** Those fields of what a person chose that this version knows. */
  async preferencesOf(userId: string): Promise<Preferences> {
    const fields = Object.entries((await this.#preferences.get(userId))?.value ?? {});
    const known = fields.filter(([name, value]) => preferences.safeParse({ [name]: value }).success);
    return Object.fromEntries(known) as Preferences;
  }

  async changePreferences(userId: string, value: Preferences): Promise<void> {
    await put(this.#preferences, { id: userId, ...OF_APPLIANCE, value });
  }

  /** To be called when the account goes. */
  async forget(userId: string): Promise<void> {
    await this.#preferences.remove(userId);
  }

  /** An appliance that has an owner and no record was set up before there were steps: it is done. */
  step(): OnboardingStep {
    return this.#step ?? 'done';
  }

  /** To be called when the owner was made. Whoever went on meanwhile is not sent back. */
  async beginOnboarding(): Promise<void> {
    if (this.#step !== undefined) return;
    this.#step = 'site';
    await this.#onboarding.insert({ id: ONBOARDING, ...OF_APPLIANCE, step: 'site' }).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
  }

  async goTo(step: OnboardingStep): Promise<void> {
    await put(this.#onboarding, { id: ONBOARDING, ...OF_APPLIANCE, step });
    this.#step = step;
  }
}

/** Replaces a document or makes it; of two at once the later one wins. */
async function put<T extends Document>(kept: Collection<T>, document: Omit<T, 'rev'>): Promise<void> {
  try {
    await kept.update(document);
  } catch (missing) {
    if (!(missing instanceof MissingError)) throw missing;
    await kept.insert(document).catch((conflict: unknown) => {
      if (!(conflict instanceof ConflictError)) throw conflict;
      return kept.update(document);
    });
  }
}
