/* A chart as a picture that stands on its own: ground, finding, the chart, whose numbers they are. */
import type { View } from "vega";

const SCALE = 2; // pixels of the picture to one of the page, so that print and projectors show it sharp
const MARGIN = 24;
const TITLE = 18;
const SMALL = 12;
const LINE = 1.35;

/** Words broken into lines that fit `width`. */
function broken(pen: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && pen.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line ? [...lines, line] : lines;
}

export interface Words {
  title: string;
  under: string;
  source: string;
}

export interface Look {
  font: string;
  ground: string;
  ink: string;
  quiet: string;
}

/** The picture as PNG; null where the browser cannot draw one. */
export async function picture(view: View, words: Words, look: Look): Promise<Blob | null> {
  const chart = await view.toCanvas(SCALE);
  const inner = chart.width / SCALE;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  const fonts = { title: `600 ${TITLE}px ${look.font}`, small: `400 ${SMALL}px ${look.font}` };
  pen.font = fonts.title;
  const title = broken(pen, words.title, inner);
  pen.font = fonts.small;
  const under = broken(pen, words.under, inner);
  const source = broken(pen, words.source, inner);
  const head = title.length * TITLE * LINE + under.length * SMALL * LINE + 12;
  const foot = source.length ? source.length * SMALL * LINE + 12 : 0;
  canvas.width = (inner + MARGIN * 2) * SCALE;
  canvas.height = (head + chart.height / SCALE + foot + MARGIN * 2) * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = look.ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "top";
  let y = MARGIN;
  const write = (lines: string[], font: string, colour: string, size: number): void => {
    pen.font = font;
    pen.fillStyle = colour;
    for (const line of lines) {
      pen.fillText(line, MARGIN, y);
      y += size * LINE;
    }
  };
  write(title, fonts.title, look.ink, TITLE);
  write(under, fonts.small, look.quiet, SMALL);
  y += 12;
  pen.drawImage(chart, MARGIN, y, inner, chart.height / SCALE);
  y += chart.height / SCALE + 12;
  write(source, fonts.small, look.quiet, SMALL);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Hands a file to the person. */
export function give(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
