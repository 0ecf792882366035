// How are measured lines shown over a picture?

import { type Line, lengthOf } from "./measure";
import type { Picture } from "./pictures";
import { type Matrix, type Point, type Size, apply } from "./view";
import { type Words, fill } from "./words";

const CAP = 7;
const TEXT = 14;
const GAP = 10;
const LIGHT = "#ffe08a";
const DARK = "#000";

/** What a line's length is called. */
export function lengthText(line: Line, picture: Picture, words: Words): string {
  const { value, unit } = lengthOf(line, picture);
  const digits = unit === "px" || value >= 100 ? 0 : 1;
  return fill(words[unit], { value: value.toFixed(digits) });
}

export function drawLine(
  context: CanvasRenderingContext2D,
  line: Line,
  picture: Picture,
  matrix: Matrix,
  window: Size,
  words: Words,
): void {
  const from = apply(matrix, line.from);
  const to = apply(matrix, line.to);
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const cap = { x: (-(to.y - from.y) / length) * CAP, y: ((to.x - from.x) / length) * CAP };
  context.beginPath();
  for (const end of [from, to]) {
    context.moveTo(end.x - cap.x, end.y - cap.y);
    context.lineTo(end.x + cap.x, end.y + cap.y);
  }
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  stroked(context);
  label(context, lengthText(line, picture, words), from, to, window);
}

/** A cross for those who place the ends of a line by keys. */
export function drawCross(context: CanvasRenderingContext2D, at: Point): void {
  context.beginPath();
  context.moveTo(at.x - 14, at.y);
  context.lineTo(at.x + 14, at.y);
  context.moveTo(at.x, at.y - 14);
  context.lineTo(at.x, at.y + 14);
  stroked(context);
}

function stroked(context: CanvasRenderingContext2D): void {
  context.lineCap = "butt";
  context.lineWidth = 4;
  context.strokeStyle = DARK;
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = LIGHT;
  context.stroke();
}

/** Beyond the end of the line, on the side it was drawn to, on a ground of its own. */
function label(
  context: CanvasRenderingContext2D,
  text: string,
  from: Point,
  to: Point,
  window: Size,
): void {
  context.font = `600 ${TEXT}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 12;
  const steep = Math.abs(to.y - from.y) > Math.abs(to.x - from.x);
  const over = to.y < from.y ? -1 : 1;
  const beyond = to.x < from.x ? to.x - GAP - width : to.x + GAP;
  const aside = !steep && beyond === within(beyond, window.width - width);
  const x = within(aside ? beyond : to.x - width / 2, window.width - width);
  const y = within(aside ? to.y : to.y + over * (GAP + TEXT), window.height - TEXT);
  context.fillStyle = "rgb(0 0 0 / 0.72)";
  context.fillRect(x, y - TEXT * 0.85, width, TEXT * 1.7);
  context.fillStyle = LIGHT;
  context.fillText(text, x + 6, y + 1);
}

const within = (wanted: number, most: number): number => Math.max(4, Math.min(wanted, most - 4));
