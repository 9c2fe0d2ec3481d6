/** What a terminal of this size shows after these bytes: the characters, and which have the colours of a QR code. */
export function screenOf(written: string, { columns, rows }: { columns: number; rows: number }) {
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => ({ char: ' ', isInked: false })),
  );
  let [x, y, isInked] = [0, 0, false];
  let scrolled = 0;
  const clear = (row: number, from: number): void => {
    for (let at = from; at < columns; at++) Object.assign(cells[row]?.[at] ?? {}, { char: ' ', isInked: false });
  };
  const ESCAPE = String.fromCharCode(27);
  for (let at = 0; at < written.length; ) {
    const sequence = written[at] === ESCAPE ? /^.\[([?0-9;]*)([A-Za-z])/.exec(written.slice(at, at + 16)) : null;
    if (sequence) {
      const [all, words, verb] = sequence;
      if (verb === 'H') [x, y] = [0, 0];
      else if (verb === 'J')
        for (let row = words === '2' ? 0 : y; row < rows; row++) clear(row, row === y && words !== '2' ? x : 0);
      else if (verb === 'K') clear(y, x);
      else if (verb === 'm') isInked = words === '30;47';
      else if (!(verb === 'l' && words === '?25')) throw new Error(`unknown sequence ${JSON.stringify(all)}`);
      at += all.length;
      continue;
    }
    const char = written[at++] ?? '';
    if (char === '\r') x = 0;
    else if (char === '\n') y += 1;
    else {
      if (x >= columns) throw new Error(`line ${y} is wider than the screen`);
      Object.assign(cells[y]?.[x] ?? {}, { char, isInked });
      x += 1;
    }
    if (y >= rows) {
      scrolled += 1;
      y = rows - 1;
    }
  }
  return {
    scrolled,
    lines: cells.map((row) =>
      row
        .map(({ char, isInked }) => (isInked ? ' ' : char))
        .join('')
        .trimEnd(),
    ),
    text: cells
      .map((row) =>
        row
          .map(({ char, isInked }) => (isInked ? '' : char))
          .join('')
          .trim(),
      )
      .join('\n'),
    /** The inked part as a picture (PGM): two modules in a character, each of `pixels` by `pixels`. */
    picture(pixels = 6): Buffer | undefined {
      const inked = cells.flatMap((row, line) =>
        row.flatMap((cell, column) => (cell.isInked ? [{ ...cell, line, column }] : [])),
      );
      if (inked.length === 0) return undefined;
      const width = Math.max(...inked.map(({ column }) => column)) + 1;
      const height = (Math.max(...inked.map(({ line }) => line)) + 1) * 2;
      const bits = Buffer.alloc(width * pixels * height * pixels, 255);
      const dark = (column: number, row: number): void => {
        for (let py = 0; py < pixels; py++)
          bits.fill(
            0,
            (row * pixels + py) * width * pixels + column * pixels,
            (row * pixels + py) * width * pixels + (column + 1) * pixels,
          );
      };
      for (const { char, line, column } of inked) {
        if (char === '█' || char === '▀') dark(column, line * 2);
        if (char === '█' || char === '▄') dark(column, line * 2 + 1);
      }
      return Buffer.concat([Buffer.from(`P5 ${width * pixels} ${height * pixels} 255\n`), bits]);
    },
  };
}
