import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOwnFile } from '../../agent/own-file.ts';
import { OwnFileNews } from '../../agent/own-file-news.ts';
import { keptLog } from '../helpers/machine.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

function fileOf(first?: string) {
  const path = join(temporaryDirectory(), 'agent.json');
  const write = (text: string) => writeFileSync(path, text, { mode: 0o600 });
  if (first !== undefined) write(first);
  const log = keptLog();
  const news = new OwnFileNews({ path, log, read: () => readOwnFile(path, []) });
  const told: unknown[] = [];
  const listen = () => void news.changed().then((own) => void told.push(own.may));
  listen();
  return { path, write, log, news, told, listen };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('changes of the agent’s own file', () => {
  it('are seen by looking at it, at most twice a minute', async () => {
    const { write, news, told } = fileOf('{"may": {}}');
    news.look(0);
    write('{"may": {"reboot": true}}');
    news.look(29_000);
    await settled();
    expect(told).toEqual([]);
    news.look(30_000);
    await settled();
    expect(told).toEqual([{ reboot: true }]);
    expect(news.own.may).toEqual({ reboot: true });
  });

  it('are seen too when it comes and when it goes', async () => {
    const { path, write, news, told, listen } = fileOf();
    write('{"may": {"reboot": true}}');
    news.look(0);
    await settled();
    listen();
    rmSync(path);
    news.look(60_000);
    await settled();
    expect(told).toEqual([{ reboot: true }, {}]);
  });

  it('that are wrong are said once, with the field, and change nothing', () => {
    const { write, news, log } = fileOf('{"may": {"reboot": true}}');
    write('{"may": {"reboot": "yes"}}');
    for (const mono of [0, 30_000, 60_000]) news.look(mono);
    expect(log.lines.filter((line) => line.includes('may.reboot'))).toHaveLength(1);
    expect(news.own.may).toEqual({ reboot: true });
  });

  it.runIf(process.platform !== 'win32')('by which everybody may write it are not followed', () => {
    const { path, news, log } = fileOf('{"may": {"reboot": true}}');
    writeFileSync(path, '{"may": {"update_agent": true}}');
    chmodSync(path, 0o666);
    news.look(0);
    expect(news.own.may).toEqual({ reboot: true });
    expect(log.lines.join()).toContain('chmod go-w');
  });

  it('that leave what it says as it was are nothing to begin anew for', async () => {
    const { write, news, told, log } = fileOf('{"may": {"reboot": true}}');
    write('{ "may": { "reboot": true } }');
    news.look(0);
    await settled();
    expect(told).toEqual([]);
    expect(log.lines.join()).toContain('says the same');
  });
});
