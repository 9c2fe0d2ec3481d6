import { isSet, LETTER } from './font.ts';
import type { Picture } from './png.ts';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A picture that is drawn on; what lies outside of it is left out. Colours are numbers of the palette. */
export class Canvas implements Picture {
  readonly width: number;
  readonly height: number;
  readonly palette: readonly string[];
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, palette: readonly string[]) {
    this.width = width;
    this.height = height;
    this.palette = palette;
    this.pixels = new Uint8Array(width * height);
  }

  fill({ left, top, width, height }: Box, colour: number): void {
    const [from, to] = [Math.max(0, Math.round(left)), Math.min(this.width, Math.round(left + width))];
    const last = Math.min(this.height, Math.round(top + height));
    if (to <= from) return;
    for (let y = Math.max(0, Math.round(top)); y < last; y++)
      this.pixels.fill(colour, y * this.width + from, y * this.width + to);
  }

  /** A line of a square brush of `size`, or of dashes that long and as far apart. */
  line(
    [x0, y0]: readonly [number, number],
    [x1, y1]: readonly [number, number],
    { colour, size, dash = 0 }: { colour: number; size: number; dash?: number },
  ): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
    for (let step = 0; step <= steps; step++) {
      if (dash > 0 && Math.floor(step / dash) % 2 === 1) continue;
      const left = x0 + ((x1 - x0) * step) / steps - size / 2;
      const top = y0 + ((y1 - y0) * step) / steps - size / 2;
      this.fill({ left, top, width: size, height: size }, colour);
    }
  }

  /** Text whose upper left, or upper right, corner is at a point; each point of a letter is `size` pixels. */
  text(text: string, [x, y]: readonly [number, number], { colour, size, isRight = false }: Lettering): void {
    const left = isRight ? x - widthOf(text, size) : x;
    for (const [n, letter] of Array.from(text).entries())
      for (let column = 0; column < LETTER.width; column++)
        for (let row = 0; row < LETTER.height; row++)
          if (isSet(letter, column, row))
            this.fill(
              { left: left + (n * LETTER.advance + column) * size, top: y + row * size, width: size, height: size },
              colour,
            );
  }
}

export interface Lettering {
  colour: number;
  size: number;
  isRight?: boolean;
}

/** Pixels that a text takes from left to right. */
export const widthOf = (text: string, size: number): number =>
  Math.max(0, Array.from(text).length * LETTER.advance - 1) * size;
