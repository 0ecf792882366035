// How does a person draw a line: by dragging, by two taps, or by keys?

import type { Line } from "./measure";
import type { Pane } from "./pane";
import { type Point, applyBack, toScreen } from "./view";

const SHORTEST = 3;
const STEP = 10;
const FINE_STEP = 1;

export class Measuring {
  #pane: Pane | undefined;
  #from: Point | undefined;
  #done: readonly Line[] = [];

  constructor(private readonly measured: (pane: Pane, line: Line) => void) {}

  /** One end of the line; the second press, wherever it is, is the other end. */
  press(pane: Pane, at: Point): void {
    if (this.#from && this.#pane === pane) {
      this.release(pane, at);
      return;
    }
    this.cancel();
    this.#pane = pane;
    this.#from = at;
    this.#done = pane.lines;
  }

  drag(pane: Pane, at: Point): void {
    if (this.#pane !== pane) return;
    const line = this.#line(pane, at);
    if (line) pane.draw([...this.#done, line]);
  }

  release(pane: Pane, at: Point): void {
    if (this.#pane !== pane) return;
    const line = this.#line(pane, at);
    if (!line) return;
    this.#from = undefined;
    pane.draw([...this.#done, line]);
    this.measured(pane, line);
  }

  /** Drop a line that has only one end. */
  cancel(): void {
    if (this.#from) this.#pane?.draw(this.#done);
    this.#from = undefined;
    this.#pane?.pointCross(undefined);
    this.#pane = undefined;
  }

  /** Move the cross, or place an end at it. False for keys that mean something else. */
  key(pane: Pane, event: KeyboardEvent): boolean {
    const { width, height } = pane.size;
    const at = pane.cross ?? { x: width / 2, y: height / 2 };
    if (event.key === "Enter") {
      this.press(pane, at);
      pane.pointCross(at);
      return true;
    }
    const step = event.shiftKey ? FINE_STEP : STEP;
    const x = event.key === "ArrowLeft" ? -step : event.key === "ArrowRight" ? step : 0;
    const y = event.key === "ArrowUp" ? -step : event.key === "ArrowDown" ? step : 0;
    if (!x && !y) return false;
    const to = {
      x: Math.max(0, Math.min(width, at.x + x)),
      y: Math.max(0, Math.min(height, at.y + y)),
    };
    pane.pointCross(to);
    this.drag(pane, to);
    return true;
  }

  #line(pane: Pane, at: Point): Line | undefined {
    const { drawn } = pane;
    if (!this.#from || !drawn) return undefined;
    if (Math.hypot(at.x - this.#from.x, at.y - this.#from.y) < SHORTEST) return undefined;
    const matrix = toScreen(pane.view, pane.size, drawn);
    return {
      key: drawn.key,
      from: applyBack(matrix, this.#from),
      to: applyBack(matrix, at),
    };
  }
}
