/** Eight hues of like lightness, none of them a colour of health; a dash for each, so that colour is not needed. */
export const SERIES_COLOURS = {
  dark: ['#67c3e8', '#c3a3f5', '#e79ac0', '#5fd0bd', '#cdb98a', '#9fb2f2', '#e3a58f', '#a9c884'],
  light: ['#0b6f96', '#6d48b8', '#a23a74', '#0b7567', '#75611f', '#3f57b3', '#98503a', '#4d6b1f'],
} as const;

/** Canvas dash patterns, in CSS pixels. */
export const SERIES_DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 2],
  [9, 3, 2, 3],
  [12, 4],
  [4, 4],
  [1, 3],
  [9, 3, 2, 3, 2, 3],
];

/** How many series a chart shows at most, before it says that there are more. */
export const MOST_LINES = SERIES_DASHES.length;

export interface Stroke {
  colour: string;
  dash: readonly number[];
}

/** Colour and dash of the line with this index. */
export const strokeOf = (index: number, theme: 'dark' | 'light'): Stroke => ({
  colour: SERIES_COLOURS[theme][index % MOST_LINES] ?? SERIES_COLOURS[theme][0],
  dash: SERIES_DASHES[index % MOST_LINES] ?? [],
});
