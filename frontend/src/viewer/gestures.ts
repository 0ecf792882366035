// What does a hand on the picture mean?
//
// One finger or the left button goes through the pictures, unless a tool says
// otherwise; two fingers zoom and move; the right button changes brightness; the
// middle button, or Shift, moves the picture.

import type { Point } from "./view";

export type Mode = "scroll" | "move" | "light" | "measure";

export interface Hand {
  mode(): Mode;
  touched(): void;
  scroll(steps: number): void;
  /** How far a finger goes for one picture, in CSS pixels. */
  perPicture(): number;
  move(by: Point): void;
  center(at: Point): void;
  zoom(factor: number, at: Point): void;
  light(brightness: number, contrast: number): void;
  press(at: Point): void;
  drag(at: Point): void;
  release(at: Point): void;
  twice(at: Point): void;
}

const STILL = 5;
const NOTCH = 40;
const LINE_HEIGHT = 16;
const FASTEST_ZOOM = 25;
const TWICE_WITHIN = 350;

export function handle(film: HTMLElement, hand: Hand): void {
  const fingers = new Map<number, Point>();
  let mode: Mode = "scroll";
  let start: Point = { x: 0, y: 0 };
  let moved = false;
  let rest = 0;
  let lastTap = { time: 0, at: start };

  const point = (event: MouseEvent): Point => {
    const box = film.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const far = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

  film.addEventListener("pointerdown", (event) => {
    if ((event.target as Element).closest("button, a")) return;
    hand.touched();
    const at = point(event);
    film.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at);
    if (fingers.size > 1) {
      moved = true;
      return;
    }
    [start, moved, rest] = [at, false, 0];
    mode = hand.mode();
    if (event.button === 2) mode = "light";
    if (event.button === 1 || (event.shiftKey && event.button === 0)) mode = "move";
    if (mode === "measure") hand.press(at);
    // Keeps the middle button from scrolling and a drag from selecting text.
    event.preventDefault();
  });

  film.addEventListener("pointermove", (event) => {
    const was = fingers.get(event.pointerId);
    const at = point(event);
    if (!was) {
      if (hand.mode() === "measure") hand.drag(at);
      return;
    }
    if (fingers.size === 2) pinch(event.pointerId, was, at);
    fingers.set(event.pointerId, at);
    if (fingers.size > 1) return;
    if (!moved && far(at, start) < STILL) return;
    moved = true;
    const by = { x: at.x - was.x, y: at.y - was.y };
    if (mode === "move") hand.move(by);
    else if (mode === "light") hand.light(-by.y / 3, by.x / 3);
    else if (mode === "measure") hand.drag(at);
    // A finger pushes the stack along; a mouse goes down into it.
    else scroll(event.pointerType === "mouse" ? by.y : -by.y);
  });

  function pinch(id: number, was: Point, at: Point): void {
    const other = [...fingers].find(([each]) => each !== id)![1];
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    hand.zoom(far(at, other) / Math.max(1, far(was, other)), middle);
    hand.move({ x: (at.x - was.x) / 2, y: (at.y - was.y) / 2 });
  }

  function scroll(distance: number): void {
    rest += distance;
    const steps = Math.trunc(rest / hand.perPicture());
    rest -= steps * hand.perPicture();
    if (steps) hand.scroll(steps);
  }

  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    const at = point(event);
    if (mode === "measure") {
      if (moved) hand.release(at);
      return;
    }
    if (moved || event.type === "pointercancel" || event.button !== 0) return;
    if (mode === "move") {
      hand.center(at);
      return;
    }
    const second = event.timeStamp - lastTap.time < TWICE_WITHIN && far(at, lastTap.at) < 30;
    lastTap = { time: second ? 0 : event.timeStamp, at };
    if (second) hand.twice(at);
  };
  film.addEventListener("pointerup", lift);
  film.addEventListener("pointercancel", lift);
  film.addEventListener("contextmenu", (event) => event.preventDefault());

  let turned = 0;
  film.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      hand.touched();
      const down = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1);
      if (event.ctrlKey || event.metaKey) {
        const bounded = Math.max(-FASTEST_ZOOM, Math.min(FASTEST_ZOOM, down));
        hand.zoom(Math.exp(-bounded / 100), point(event));
        return;
      }
      turned = Math.sign(down) === Math.sign(turned) ? turned + down : down;
      // A notch of a mouse wheel is one picture, however far the system says it went.
      const steps = Math.abs(down) >= NOTCH ? Math.sign(down) : Math.trunc(turned / NOTCH);
      if (!steps) return;
      turned = Math.abs(down) >= NOTCH ? 0 : turned - steps * NOTCH;
      hand.scroll(steps);
    },
    { passive: false },
  );
}
