import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { axeFindings, keepPicture, unreachableByKeyboard } from '../helpers/page.ts';
import { openSeparateHost, type SeparateHost } from '../helpers/separate-host.ts';
import { until } from '../helpers/until.ts';

/** Onboarding, roles and the second factor, over plain HTTP on the address of another machine, each test where the one before stopped. */
let network: SeparateHost;
let appliance: RunningAppliance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

const OWNER = { userName: 'anna', password: 'correct horse battery staple' };
const PEOPLE = {
  viewer: { userName: 'vera', password: 'a long enough password' },
  operator: { userName: 'otto', password: 'another long password' },
  admin: { userName: 'adam', password: 'a third long password' },
};
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

beforeAll(async () => {
  network = openSeparateHost();
  appliance = await startAppliance({ address: network.address, within: network.within });
  browser = await openBrowser();
  context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark' });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  complaints = complaintsOf(page);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `access-${task.name.replace(/\W+/g, '-')}`);
});

afterAll(async () => {
  await browser?.close();
  await appliance?.stop();
  network?.close();
  if (appliance) removeDirectory(appliance.dataDir);
});

/** What every state keeps, in both colours and at both widths; its pictures stay in test/output. */
async function isSound(name: string, on: Page = page): Promise<void> {
  for (const [scheme, size] of [
    ['dark', DESKTOP],
    ['light', PHONE],
    ['light', DESKTOP],
    ['dark', PHONE],
  ] as const) {
    await on.emulateMedia({ colorScheme: scheme });
    await on.setViewportSize(size);
    expect(await axeFindings(on), `${name}, ${scheme}, ${size.width} px`).toEqual([]);
    const wide = await on.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(wide, `${name} at ${size.width} px`).toBeLessThanOrEqual(0);
    await keepPicture(on, `access-${name}-${scheme}-${size.width}`);
  }
  await on.emulateMedia({ colorScheme: 'dark' });
  await on.setViewportSize(DESKTOP);
  // What is behind a dialog is out of reach for the pointer too.
  if ((await on.locator('dialog[open]').count()) === 0) expect(await unreachableByKeyboard(on), name).toEqual([]);
}

async function signIn(on: Page, { userName, password }: { userName: string; password: string }): Promise<void> {
  await on.getByLabel('User name').fill(userName);
  await on.getByLabel('Password').fill(password);
  await on.getByRole('button', { name: 'Sign in' }).click();
}

async function signOut(on: Page): Promise<void> {
  await on.getByRole('button', { name: /^Account of/ }).click();
  await on.getByRole('menuitem', { name: 'Sign out' }).click();
  await on.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** A browser of somebody else, who signs in. */
async function as(person: { userName: string; password: string }): Promise<Page> {
  const other = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark' });
  other.setDefaultTimeout(10_000);
  const on = await other.newPage();
  await on.goto(appliance.httpUrl);
  await signIn(on, person);
  await on.getByRole('button', { name: `Account of ${person.userName}` }).waitFor();
  return on;
}

const api = (on: Page, method: string, path: string, body?: unknown) =>
  on.evaluate(
    async ([verb, where, what]) => {
      const headers = what === undefined ? {} : { 'content-type': 'application/json' };
      const sent = what === undefined ? {} : { body: JSON.stringify(what) };
      const answer = await fetch(where as string, { method: verb as string, headers, ...sent });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body] as const,
  );

const openPage = async (path: string, heading: string, on: Page = page) => {
  await on.goto(appliance.httpUrl + path);
  await on.getByRole('heading', { name: heading, level: 1 }).waitFor();
};

describe('onboarding', () => {
  test('asks for the set-up code first, and says what is wrong with a wrong one', async () => {
    await page.goto(appliance.httpUrl);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await page.getByLabel('Set-up code').fill('AAAAAAAAAAAAAAAAAAAAAA');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('The set-up code is not right').waitFor();
    await isSound('onboarding-code');
  });

  test('a link from an earlier start says so', async () => {
    await page.goto('about:blank');
    await page.goto(`${appliance.httpUrl}/#code=BBBBBBBBBBBBBBBBBBBBBB`);
    await page.getByText('The code of this link is not right any more').waitFor();
  });

  test('with the link, the account is asked for at once, and the code leaves the address bar', async () => {
    await page.goto('about:blank');
    await page.goto(`${appliance.httpUrl}/#code=${appliance.setupCode}`);
    await page.getByRole('heading', { name: 'Make the owner’s account' }).waitFor();
    expect(page.url()).not.toContain(appliance.setupCode);
    await page.getByLabel('User name').fill(OWNER.userName);
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByText('Use at least 10 characters').waitFor();
    await isSound('onboarding-owner');
  });

  test('after the account comes the site, with what this browser knows', async () => {
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Describe this site' }).waitFor();
    const own = await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone');
    expect(await page.getByLabel('Time zone').inputValue()).toBe(own);
    expect(await page.getByLabel('Electricity price per kWh').inputValue()).toBe('0.24');
    await isSound('onboarding-site');
  });

  test('it goes on there after a reload, and after a sign-in with nothing left in the browser', async () => {
    await page.reload();
    await page.getByRole('heading', { name: 'Describe this site' }).waitFor();
    await context.clearCookies();
    await page.evaluate('localStorage.clear()');
    await page.reload();
    await signIn(page, OWNER);
    await page.getByRole('heading', { name: 'Describe this site' }).waitFor();
  });

  test('a wrong time zone is named at its field', async () => {
    await page.getByLabel('Name of the site').fill('Beach house');
    await page.getByLabel('Time zone').fill('Europe/Nowhere');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Name a time zone of the IANA list').waitFor();
    expect(await page.getByLabel('Time zone').getAttribute('aria-invalid')).toBe('true');
  });

  test('what was said is kept, and the first host is next, after a reload too', async () => {
    await page.getByLabel('Time zone').fill('Europe/Lisbon');
    await page.getByLabel('Currency').fill('CHF');
    await page.getByLabel('Electricity price per kWh').fill('0.31');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Add your first host' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Add your first host' }).waitFor();
    await isSound('onboarding-host');
    const { body } = await api(page, 'GET', '/api/v1/settings/general');
    expect(body.value).toEqual({ timeZone: 'Europe/Lisbon', currency: 'CHF', pricePerKwh: 0.31 });
  });

  test('a command is made there, and the dashboard opens for good', async () => {
    await page.getByRole('button', { name: 'Add a host' }).click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    expect(await page.getByLabel('Command', { exact: true }).innerText()).toContain('REEVE_TOKEN');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Later, open the dashboard' }).click();
    await page.getByText('Beach house').first().waitFor();
    await page.reload();
    await page.getByText('No hosts yet').waitFor();
  });
});

describe('people', () => {
  test.each(['viewer', 'operator', 'admin'] as const)('the owner makes a %s', async (role) => {
    await openPage('/users', 'Users');
    await page.getByRole('button', { name: 'Add user' }).click();
    await page.getByLabel('User name').fill(PEOPLE[role].userName);
    await page.getByLabel('Password').fill(PEOPLE[role].password);
    await page.getByLabel('Role in Beach house').selectOption(role);
    if (role === 'viewer') await isSound('users-add');
    await page.locator('reeve-form-dialog').getByRole('button', { name: 'Add the user' }).click();
    await page.getByRole('row', { name: new RegExp(PEOPLE[role].userName) }).waitFor();
  });

  test('a name that is taken is refused with words', async () => {
    await page.getByRole('button', { name: 'Add user' }).click();
    await page.getByLabel('User name').fill(PEOPLE.viewer.userName);
    await page.getByLabel('Password').fill('whatever it may be');
    await page.locator('reeve-form-dialog').getByRole('button', { name: 'Add the user' }).click();
    await page.getByText('Another account has this name').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await isSound('users');
  });

  test('a viewer sees no way to change anything, and is refused where they try', async () => {
    const on = await as(PEOPLE.viewer);
    await on.getByText('No hosts yet').waitFor();
    expect(await on.getByRole('button', { name: 'Add host' }).count()).toBe(0);
    await on.goto(`${appliance.httpUrl}/settings`);
    await on.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Sites' }).waitFor();
    expect(await on.getByRole('link', { name: 'Users' }).count()).toBe(0);
    expect(await on.getByRole('link', { name: 'API keys' }).count()).toBe(0);
    await on.goto(`${appliance.httpUrl}/users`);
    await on.getByRole('heading', { name: 'Your role does not allow this page' }).waitFor();
    await isSound('no-permission', on);
    expect((await api(on, 'GET', '/api/v1/users')).status).toBe(403);
    expect((await api(on, 'GET', '/api/v1/keys')).status).toBe(403);
    expect((await api(on, 'POST', '/api/v1/agents/tokens', {})).status).toBe(403);
    await on.context().close();
  });

  test('an operator is told their role, and administers nothing', async () => {
    const on = await as(PEOPLE.operator);
    await on.getByRole('button', { name: 'Account of otto' }).click();
    await on.getByText('Operator of Beach house').waitFor();
    await on.goto(`${appliance.httpUrl}/keys`);
    await on.getByRole('heading', { name: 'Your role does not allow this page' }).waitFor();
    await on.context().close();
  });

  test('an admin sees the members of the site, and changes one, but no accounts', async () => {
    const on = await as(PEOPLE.admin);
    await openPage('/users', 'Members of Beach house', on);
    const row = on.getByRole('row', { name: /vera/ });
    await row.getByRole('button', { name: 'Change role…' }).click();
    await on.getByLabel('Role', { exact: true }).selectOption('operator');
    await on.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Operator').waitFor();
    await isSound('members', on);
    expect((await api(on, 'GET', '/api/v1/users')).status).toBe(403);
    await on.context().close();
  });

  test('an account that is removed is signed out at once', async () => {
    const on = await as(PEOPLE.operator);
    await openPage('/users', 'Users');
    await page.getByRole('button', { name: 'Actions for otto' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await page.getByLabel('Type otto to go on').fill('otto');
    await page.getByRole('button', { name: 'Remove the account' }).click();
    await until(async () => (await page.getByRole('row', { name: /otto/ }).count()) === 0, { what: 'the row is gone' });
    await on.getByRole('heading', { name: 'Sign in' }).waitFor();
    await on.context().close();
  });
});

describe('sites', () => {
  test('a second site brings the switcher, and is empty', async () => {
    await openPage('/sites', 'Sites');
    await page.getByRole('button', { name: 'Add site' }).click();
    await page.getByLabel('Name of the site').fill('Office');
    await page.getByRole('button', { name: 'Add the site' }).click();
    await page.getByRole('row', { name: /Office/ }).waitFor();
    await isSound('sites');
    await page
      .getByRole('row', { name: /Office/ })
      .getByRole('button', { name: 'Go there' })
      .click();
    await page.getByRole('button', { name: 'Site: Office' }).waitFor();
    await isSound('sites-switched');
  });

  test('the switcher goes back, and the people of the first site see nothing of the second', async () => {
    await page.getByRole('button', { name: 'Site: Office' }).click();
    await page.getByRole('menuitemradio', { name: 'Beach house' }).click();
    await page.getByRole('button', { name: 'Site: Beach house' }).waitFor();
    const on = await as(PEOPLE.viewer);
    const { body } = await api(on, 'GET', '/api/v1/sites');
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['Beach house']);
    expect(await on.getByText('Office').count()).toBe(0);
    await on.context().close();
  });

  test('is renamed, and removed after its name was typed', async () => {
    await openPage('/sites', 'Sites');
    await page.getByRole('button', { name: 'Actions for Office' }).click();
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await page.getByLabel('Name of the site').fill('Workshop');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Actions for Workshop' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await page.getByLabel('Type Workshop to go on').fill('Workshop');
    await page.getByRole('button', { name: 'Remove the site' }).click();
    await until(async () => (await page.getByRole('row', { name: /Workshop/ }).count()) === 0, { what: 'it is gone' });
  });
});

describe('API keys', () => {
  test('a key is shown once, opens what its role allows, and nothing after it was revoked', async () => {
    await openPage('/keys', 'API keys');
    await isSound('keys-empty');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('What it is for').fill('Grafana');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByLabel('API key', { exact: true }).innerText();
    await isSound('keys-new');
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const ask = async (path: string) =>
      (await fetch(appliance.httpUrl + path, { headers: { 'X-API-Key': key } })).status;
    expect(await ask('/api/v1/hosts')).toBe(200);
    expect(await ask('/api/v1/keys')).toBe(403);
    await page.reload();
    await page.getByRole('row', { name: /Grafana/ }).waitFor();
    expect(await page.content()).not.toContain(key);
    await isSound('keys');
    await page
      .getByRole('row', { name: /Grafana/ })
      .getByRole('button', { name: 'Revoke…' })
      .click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('No keys yet').waitFor();
    expect(await ask('/api/v1/hosts')).toBe(401);
  });
});

describe('the own account', () => {
  let secret = '';
  let recovery: string[] = [];
  const digits = (at = Date.now()) => new TOTP({ secret }).generate({ timestamp: at });

  test('shows password, second factor, colours and sessions', async () => {
    await page.getByRole('button', { name: 'Account of anna' }).click();
    await page.getByRole('menuitem', { name: 'Account' }).click();
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
    await page.getByText('This session').waitFor();
    await isSound('account');
  });

  test('a second factor is set up with what the QR code says, and gives recovery codes', async () => {
    await page.getByRole('button', { name: 'Set up…' }).click();
    await page.getByLabel('Your present password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
    secret = (await page.locator('reeve-second-factor code').first().innerText()).replaceAll(' ', '');
    await isSound('second-factor');
    await page.getByLabel('Six digits that your app shows').fill('000000');
    await page.getByRole('button', { name: 'Switch it on' }).click();
    await page.getByText('This is not the code of now').waitFor();
    await page.getByLabel('Six digits that your app shows').fill(digits());
    await page.getByRole('button', { name: 'Switch it on' }).click();
    await page.getByText('Keep these recovery codes').waitFor();
    recovery = await page.locator('reeve-second-factor .codes code').allInnerTexts();
    expect(recovery).toHaveLength(10);
    await isSound('recovery-codes');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 recovery codes left').waitFor();
  });

  test('signing in asks for the code then, refuses a wrong one and takes the next', async () => {
    await signOut(page);
    await signIn(page, OWNER);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await page.getByLabel('Code of your authenticator app').fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This code is not right').waitFor();
    await isSound('sign-in-code');
    // The code of this step was used to switch it on; that of the next is valid already.
    await page.getByLabel('Code of your authenticator app').fill(digits(Date.now() + 30_000));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Account of anna' }).waitFor();
  });

  test('a recovery code opens once', async () => {
    const [code = ''] = recovery;
    for (const outcome of ['opens', 'is refused'] as const) {
      await signOut(page);
      await signIn(page, OWNER);
      await page.getByLabel('Code of your authenticator app').fill(code);
      await page.getByRole('button', { name: 'Sign in' }).click();
      if (outcome === 'opens') await page.getByRole('button', { name: 'Account of anna' }).waitFor();
      else await page.getByText('This code is not right').waitFor();
    }
    await page.getByLabel('Code of your authenticator app').fill(recovery[1] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Account of anna' }).waitFor();
    await openPage('/account', 'Account');
    await page.getByText('8 recovery codes left').waitFor();
  });

  test('it is switched off with the password', async () => {
    await page.getByRole('button', { name: 'Switch off…' }).click();
    await page.getByLabel('Your present password').fill('not the password');
    await page.getByRole('button', { name: 'Switch it off' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Your present password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Switch it off' }).click();
    await page.getByRole('button', { name: 'Set up…' }).waitFor();
  });

  test('another session is ended, and that browser is sent to the door', async () => {
    const on = await as(OWNER);
    await openPage('/account', 'Account');
    await page.getByRole('button', { name: 'End…' }).last().click();
    await page.getByRole('button', { name: 'End the session' }).click();
    await on.getByRole('heading', { name: 'Sign in' }).waitFor();
    await on.context().close();
  });

  test('a changed password ends every other session, and colours follow to another browser', async () => {
    const on = await as(OWNER);
    await page.getByRole('button', { name: 'Change…' }).click();
    await page.getByLabel('Your present password').fill(OWNER.password);
    await page.getByLabel('New password').fill('an entirely new password');
    await page.locator('reeve-form-dialog').getByRole('button', { name: 'Change the password' }).click();
    await on.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('group', { name: 'Colours' }).getByRole('button', { name: 'Light' }).click();
    await signIn(on, { ...OWNER, password: 'an entirely new password' });
    await until(
      async () => String(await on.evaluate('getComputedStyle(document.documentElement).colorScheme')) === 'light',
      {
        what: 'the other browser is light',
      },
    );
    await on.context().close();
  });

  test('a new appliance is restored from a backup, once its set-up code was given', async () => {
    const password = 'an entirely new password';
    const { body: section } = await api(page, 'GET', '/api/v1/settings/backup');
    const value = { ...section.value, passphrase: 'a passphrase for backups' };
    expect((await api(page, 'PUT', '/api/v1/settings/backup', { rev: section.rev, value })).status).toBe(200);
    await api(page, 'POST', '/api/v1/jobs/backup/run', {});
    const kept = async () => (await api(page, 'GET', '/api/v1/backups')).body.items;
    const [{ id }] = await until(async () => ((await kept()).length > 0 ? await kept() : undefined), {
      what: 'a backup',
    });
    const cookie = (await context.cookies()).map((each) => `${each.name}=${each.value}`).join('; ');
    const answer = await fetch(`${appliance.httpUrl}/api/v1/backups/${id}/file`, { headers: { cookie } });
    const file = {
      name: 'home.reeve',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(await answer.arrayBuffer()),
    };

    const other = await startAppliance({ address: network.address, within: network.within });
    const on = await (await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark' })).newPage();
    try {
      await on.goto(other.httpUrl);
      await on.getByLabel('Set-up code').waitFor();
      expect(await on.getByRole('button', { name: 'Restore from a backup instead' }).count()).toBe(0);
      await on.goto('about:blank');
      await on.goto(`${other.httpUrl}/#code=${other.setupCode}`);
      await on.getByRole('button', { name: 'Restore from a backup instead' }).click();
      await isSound('onboarding-restore', on);
      await on.getByLabel('Backup file').setInputFiles(file);
      await on.getByLabel('Passphrase of the backup').fill('not that one');
      await on.getByRole('button', { name: 'Restore' }).click();
      await on.getByRole('alert').waitFor();
      await on.getByLabel('Backup file').setInputFiles(file);
      await on.getByLabel('Passphrase of the backup').fill('a passphrase for backups');
      await on.getByRole('button', { name: 'Restore' }).click();
      await on.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 60_000 });
      await signIn(on, { ...OWNER, password });
      await on.getByText('Beach house').first().waitFor();
    } finally {
      await on.context().close();
      await other.stop();
      removeDirectory(other.dataDir);
    }
  });

  test('nothing complained but of what was refused', () => {
    expect(complaints.filter((text) => !/40[0139]|WebSocket/.test(text))).toEqual([]);
  });
});
