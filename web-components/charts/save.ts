import type { Stroke } from './palette.ts';

/** Hands a file to the person's browser. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** `CPU, nas01` → `cpu-nas01`, fit for a file name anywhere. */
export const fileName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

/** The part of a chart that is saved. */
interface Saved extends HTMLElement {
  readonly picture: HTMLCanvasElement | undefined;
  readonly lines: readonly { label: string }[];
  readonly strokes: readonly Stroke[];
}

/** Saves a chart as PNG, with title and legend; does nothing while it has no canvas. */
export async function savePicture(name: string, chart: Saved, title: string): Promise<void> {
  if (!chart.picture) return;
  const style = getComputedStyle(chart);
  const picture = await pictureOf({
    chart: chart.picture,
    title,
    legend: chart.lines.map(({ label }, index) => ({
      label,
      stroke: chart.strokes[index] ?? { colour: style.color, dash: [] },
    })),
    ground: style.getPropertyValue('--reeve-surface'),
    ink: style.color,
    font: style.fontFamily,
  });
  if (picture) saveFile(name, picture);
}

interface Picture {
  chart: HTMLCanvasElement;
  title: string;
  legend: readonly { label: string; stroke: Stroke }[];
  ground: string;
  ink: string;
  font: string;
}

/** The chart with its title above and its legend below as PNG: the labels beside it are not part of the canvas. */
function pictureOf({ chart, title, legend, ground, ink, font }: Picture): Promise<Blob | null> {
  const scale = chart.width / Math.max(1, chart.clientWidth);
  const row = 20 * scale;
  const canvas = document.createElement('canvas');
  canvas.width = chart.width;
  canvas.height = chart.height + row * (2 + legend.length);
  const context = canvas.getContext('2d');
  if (!context) return Promise.resolve(null);
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  context.font = `600 ${14 * scale}px ${font}`;
  context.fillStyle = ink;
  context.fillText(title, row / 2, row);
  context.drawImage(chart, 0, row * 1.5);
  context.font = `${12 * scale}px ${font}`;
  for (const [index, { label, stroke }] of legend.entries()) {
    const y = chart.height + row * (2 + index);
    context.strokeStyle = stroke.colour;
    context.lineWidth = 2 * scale;
    context.setLineDash(stroke.dash.map((part) => part * scale));
    context.beginPath();
    context.moveTo(row / 2, y);
    context.lineTo(row * 1.75, y);
    context.stroke();
    context.fillStyle = ink;
    context.fillText(label, row * 2, y);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
