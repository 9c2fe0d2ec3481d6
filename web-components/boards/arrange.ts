import type { Board, BoardText, Panel } from '../../protocol/boards.ts';

/** The panels with the one at `from` moved by `step` places, no further than the ends. */
export function moved(panels: readonly Panel[], from: number, step: number): Panel[] {
  const to = Math.min(panels.length - 1, Math.max(0, from + step));
  const [panel] = panels.slice(from, from + 1);
  if (!panel) return [...panels];
  const rest = panels.toSpliced(from, 1);
  return rest.toSpliced(to, 0, panel);
}

/** What a new board begins with: what is wrong, and every host. */
export const firstPanels = (): Panel[] => [
  { kind: 'list', of: 'concerns', hosts: [], width: 'half' },
  { kind: 'status', hosts: [], width: 'half' },
];

/** A board as a file: hosts by their names, by their ids only where a name is not theirs alone. */
export function fileOf({ name, panels }: Board, hosts: readonly { id: string; name: string }[]): string {
  const nameOf = (id: string): string => {
    const named = hosts.find((host) => host.id === id)?.name;
    return named !== undefined && hosts.filter((host) => host.name === named).length === 1 ? named : id;
  };
  const text = { name, panels: panels.map((panel) => ({ ...panel, hosts: panel.hosts.map(nameOf) })) };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/** What a file holds, for the appliance to judge. Throws `SyntaxError` where it is no JSON. */
export const textOf = (file: string): BoardText => JSON.parse(file) as BoardText;

/** `body.panels.1.hosts.0` → `panels[1].hosts[0]`: where to look in the file. */
export const placeInFile = (path: string): string =>
  path
    .replace(/^body\.?/, '')
    .replace(/(?<=^|\.)(\d+)/g, '[$1]')
    .replaceAll('.[', '[') || '–';
