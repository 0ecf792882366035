// What does a hand on one pane's picture do?

import type { Hand, Mode } from "./gestures";
import { setLight } from "./light";
import type { Measuring } from "./measuring";
import type { Pane } from "./pane";
import { type Point, fit, panBy } from "./view";

const CLOSE_LOOK = 2.5;
// A swipe over the whole window goes through the whole stack, within what a finger can aim at.
const FINEST = 8;
const COARSEST = 40;

interface Doings {
  mode(): Mode;
  activate(): void;
  goTo(index: number): void;
  zoom(factor: number, at: Point): void;
}

export function handOf(pane: Pane, measuring: Measuring, does: Doings): Hand {
  const move = (by: Point): void => {
    if (pane.picture) pane.see(panBy(pane.view, by, pane.size, pane.picture));
  };
  return {
    mode: does.mode,
    touched: does.activate,
    scroll: (steps) => does.goTo(pane.index + steps),
    perPicture: () =>
      Math.max(FINEST, Math.min(COARSEST, pane.size.height / Math.max(1, pane.pictures.length))),
    move,
    center: (at) => move({ x: pane.size.width / 2 - at.x, y: pane.size.height / 2 - at.y }),
    zoom: does.zoom,
    light: (brightness, contrast) => {
      const { touch } = pane.look;
      setLight(pane, touch.brightness + brightness, touch.contrast + contrast);
    },
    press: (at) => measuring.press(pane, at),
    drag: (at) => measuring.drag(pane, at),
    release: (at) => measuring.release(pane, at),
    twice: (at) => {
      if (pane.view.zoom > 1.01) pane.see(fit(pane.view));
      else does.zoom(CLOSE_LOOK, at);
    },
  };
}
