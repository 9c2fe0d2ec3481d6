import { describe, expect, test } from 'vitest';
import type { Panel } from '../../../protocol/boards.ts';
import { boardText } from '../../../protocol/boards.ts';
import { fileOf, firstPanels, moved, placeInFile, textOf } from '../../../web-components/boards/arrange.ts';

const panels = ['a', 'b', 'c'].map((title): Panel => ({ kind: 'status', title, width: 'half', hosts: [] }));
const titles = (list: readonly Panel[]): string => list.map(({ title }) => title).join('');

describe('moving a panel', () => {
  test.each([
    [0, 1, 'bac'],
    [2, -1, 'acb'],
    [0, -1, 'abc'],
    [2, 1, 'abc'],
    [0, 9, 'bca'],
    [7, 1, 'abc'],
  ])('%i by %i gives %s', (from, step, wanted) => expect(titles(moved(panels, from, step))).toBe(wanted));
});

describe('a board as a file', () => {
  const hosts = [
    { id: 'id-1', name: 'nas01' },
    { id: 'id-2', name: 'twin' },
    { id: 'id-3', name: 'twin' },
  ];
  const board = { id: 'x', rev: 3, name: 'Evening' };

  test('names hosts by name where that is theirs alone, by id where it is not or they are gone', () => {
    const [panel] = firstPanels();
    const file = fileOf({ ...board, panels: [{ ...panel, hosts: ['id-1', 'id-2', 'gone'] } as Panel] }, hosts);
    expect(textOf(file)).toMatchObject({ name: 'Evening', panels: [{ hosts: ['nas01', 'id-2', 'gone'] }] });
  });

  test('is what the appliance takes', () => {
    const file = fileOf({ ...board, panels: [...panels, ...firstPanels()] }, hosts);
    expect(boardText.safeParse(textOf(file)).success).toBe(true);
  });

  test('one that is no JSON is a syntax error', () => expect(() => textOf('{"name":')).toThrow(SyntaxError));

  test.each([
    ['body.panels.1.hosts.0', 'panels[1].hosts[0]'],
    ['body.name', 'name'],
    ['body.panels', 'panels'],
    ['body', '–'],
  ])('%s is %s in it', (path, place) => expect(placeInFile(path)).toBe(place));
});
