/**
 * Letters of 5 × 8 points: space to `~` of ASCII, then `°`. Five bytes each, one for each column from the left, the lowest bit on top.
 * The classic form of dot-matrix displays; a font file would be a hundred times as large for the few numbers on a chart.
 */
const COLUMNS = Buffer.from(
  [
    '000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300001c2241000041221c002a1c7f1c2a',
    '08083e080800807030000808080808000060600020100804023e5149453e00427f400072494949462141494d331814127f102745454539',
    '3c4a49493141211109073649494936464949291e0000140000004034000000081422411414141414004122140802015909063e415d594e',
    '7c1211127c7f494949363e414141227f4141413e7f494949417f090909013e414151737f0808087f00417f41002040413f017f08142241',
    '7f404040407f021c027f7f0408107f3e4141413e7f090909063e4151215e7f09192946264949493203017f01033f4040403f1f2040201f',
    '3f4038403f631408146303047804036159494d43007f4141410204081020004141417f0402010204404040404000030708002054547840',
    '7f284444383844444428384444287f385454541800087e090218a4a49c787f0804047800447d40002040403d007f1028440000417f4000',
    '7c047804787c080404783844444438fc1824241818242418fc7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c',
    '44281028444c9090907c4464544c4400083641000000770000004136080002010204020006090906',
  ].join(''),
  'hex',
);

export const LETTER = { width: 5, height: 8, advance: 6 } as const;
const FIRST = 0x20;
const DEGREE = 95;

/** What the font has no letter for, in letters that it has. */
const PLAIN: Readonly<Record<string, string>> = { '\u2212': '-', '\u2013': '-', '\u00a0': ' ', '\u202f': ' ', µ: 'u' };

/** Whether a point of a letter is set; what the font does not know is a question mark. */
export function isSet(letter: string, x: number, y: number): boolean {
  const plain = PLAIN[letter] ?? letter;
  const index = plain === '°' ? DEGREE : plain.charCodeAt(0) - FIRST;
  const known = index >= 0 && index <= DEGREE ? index : '?'.charCodeAt(0) - FIRST;
  return (((COLUMNS[known * LETTER.width + x] ?? 0) >> y) & 1) === 1;
}
