import { z } from 'zod';
import { instant } from '../identity.ts';
import { route } from '../route.ts';

/** What a person likes to have in the dashboard, on every device. What is absent was never chosen. */
export const preferences = z.strictObject({
  theme: z.enum(['system', 'dark', 'light']).exactOptional(),
  /** Of the fleet page, as they stand in its address. */
  fleetView: z.enum(['cards', 'table']).exactOptional(),
  fleetSort: z.string().max(80, 'use at most 80 characters').exactOptional(),
  /** Alerts that fired until then count as read. */
  alertsReadAt: instant.exactOptional(),
  /** Whether single letters act on the list of alerts. */
  alertKeys: z.enum(['on', 'off']).exactOptional(),
});
export type Preferences = z.infer<typeof preferences>;

/** How far the owner came with setting up: what is asked next. */
export const onboardingStep = z.enum(['site', 'host', 'done']);
export type OnboardingStep = z.infer<typeof onboardingStep>;

const own = { path: '/api/v1/account/preferences', access: 'viewer', site: 'none', answer: preferences } as const;

export const readPreferences = route({
  id: 'dashboard.readPreferences',
  method: 'GET',
  ...own,
  summary: 'Reads what the person chose for the dashboard',
  errors: ['not-signed-in'],
});

/** The last one wins: they are one person's. */
export const changePreferences = route({
  id: 'dashboard.changePreferences',
  method: 'PUT',
  ...own,
  summary: 'Keeps what the person chose for the dashboard',
  unrecorded: true,
  body: preferences,
  errors: ['not-signed-in', 'invalid-request'],
});

const onboarding = { path: '/api/v1/onboarding', access: 'owner', site: 'none' } as const;
const stepAnswer = z.object({ step: onboardingStep });

export const readOnboarding = route({
  id: 'dashboard.readOnboarding',
  method: 'GET',
  ...onboarding,
  summary: 'Says what setting up asks for next',
  answer: stepAnswer,
  errors: ['not-signed-in', 'not-allowed'],
});

export const changeOnboarding = route({
  id: 'dashboard.changeOnboarding',
  method: 'PUT',
  ...onboarding,
  summary: 'Goes on with setting up, or ends it',
  body: stepAnswer,
  answer: stepAnswer,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

/** Nothing is made by it; what is offered next (an owner, or a restore) asks for the code again. */
export const checkSetupCode = route({
  id: 'dashboard.checkSetupCode',
  method: 'POST',
  path: '/api/v1/setup/code',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Says whether a set-up code is right',
  body: z.object({ code: z.string().min(1, 'type the code').max(64) }),
  answer: z.null(),
  status: 204,
  errors: ['invalid-request', 'already-set-up', 'wrong-credentials', 'too-many-requests'],
});

export const dashboardRoutes = [
  readPreferences,
  changePreferences,
  readOnboarding,
  changeOnboarding,
  checkSetupCode,
] as const;
