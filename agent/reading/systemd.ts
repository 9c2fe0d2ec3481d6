import type { Run } from '../programs.ts';
import { isServiceName, type Service, type ServiceManager, type ServiceState } from './service-state.ts';

const PROPERTIES = [
  'Id',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'MainPID',
  'MemoryCurrent',
  'CPUUsageNSec',
  'NRestarts',
  'ControlGroup',
] as const;

const UNIT = /\.(?:service|socket|timer|mount|path|target|slice|scope|device|swap|automount)$/;
const unitOf = (name: string): string => (UNIT.test(name) ? name : `${name}.service`);
const nameOf = (unit: string): string => unit.replace(/\.service$/, '');

/** A unit that is started again and again is `activating`, in the sub-state auto-restart: it failed. */
function stateOf(active: string | undefined, sub: string | undefined): ServiceState {
  if (active === 'active' || active === 'reloading' || active === 'refreshing') return 'running';
  if (active === 'failed' || sub?.startsWith('auto-restart')) return 'failed';
  if (active === 'inactive' || active === 'activating' || active === 'deactivating' || active === 'maintenance')
    return 'stopped';
  return 'unknown';
}

/** What is not counted is `[not set]`, or 2^64−1 on older versions. */
function number(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && text !== '' && value < 2 ** 63 ? value : undefined;
}

/** Reads the blocks of `systemctl show`, one for each unit, in the order in which they were asked for. */
export function parseShow(output: string): Service[] {
  const blocks = output.split(/\n\n+/).filter((block) => block.trim() !== '');
  return blocks.map((block) => {
    const said = new Map(
      block.split('\n').flatMap((line) => {
        const at = line.indexOf('=');
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
      }),
    );
    const [pid, memoryBytes] = [number(said.get('MainPID')), number(said.get('MemoryCurrent'))];
    const [nanoseconds, restarts] = [number(said.get('CPUUsageNSec')), number(said.get('NRestarts'))];
    const [title, group] = [said.get('Description'), said.get('ControlGroup')];
    return {
      name: nameOf(said.get('Id') ?? ''),
      state: stateOf(said.get('ActiveState'), said.get('SubState')),
      ...(said.get('LoadState') === 'not-found' && { isMissing: true }),
      ...(title && { title }),
      ...(pid && { pid }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(nanoseconds !== undefined && { cpuSeconds: nanoseconds / 1e9 }),
      ...(restarts !== undefined && { restarts }),
      ...(group && { group }),
    };
  });
}

/** Reads the lines of `systemctl list-units --plain --no-legend`: unit, load, active, sub, description. */
export function parseUnits(output: string): Service[] {
  return output.split('\n').flatMap((line) => {
    const [, unit = '', load = '', active, sub, title = ''] =
      /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*(.*)$/.exec(line.trim()) ?? [];
    if (!unit.endsWith('.service') || load === 'not-found') return [];
    return [{ name: nameOf(unit), state: stateOf(active, sub), ...(title && { title: title.trim() }) }];
  });
}

/** systemd, by one call of systemctl for all services. */
export function systemd(run: Run): ServiceManager {
  const ask = async (args: readonly string[]): Promise<string> => {
    const { output, errors, code } = await run({ command: 'systemctl', args });
    if (code !== 0 && output === '') throw new Error(`systemctl: ${errors.trim().slice(0, 200) || `code ${code}`}`);
    return output;
  };
  return {
    async show(names) {
      const units = names.filter(isServiceName).map(unitOf);
      if (units.length === 0) return [];
      return parseShow(await ask(['show', `--property=${PROPERTIES.join(',')}`, '--', ...units]));
    },
    list: async () =>
      parseUnits(
        await ask(['list-units', '--type=service', '--all', '--plain', '--no-legend', '--no-pager', '--full']),
      ),
  };
}
