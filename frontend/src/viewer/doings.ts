// What does each action do?

import type { Action } from "./actions";
import { choosePreset, invert } from "./light";
import type { Mode } from "./gestures";
import type { Pane } from "./pane";
import { savePicture } from "./save";
import { PLAIN } from "./shade";
import { FITTED, type Point, fit, flip, turn } from "./view";

const ZOOM_STEP = 1.25;
const MANY = 10;

/** What actions need of the desk. */
export interface Able {
  readonly active: Pane;
  /** The active pane, and the one that does as it does. */
  readonly together: readonly Pane[];
  goTo(index: number): void;
  zoom(pane: Pane, factor: number, at: Point): void;
  setMode(mode: Mode): void;
  sayEdge(sentence: "turned" | "flipped", edge: "top" | "left"): void;
  play(): void;
  clearLines(): void;
  star(): void;
  nextStar(): void;
  compare(): void;
  toggleLink(): void;
  toOther(): void;
  toggleText(): void;
  toggleName(): void;
}

const go =
  (where: (pane: Pane) => number) =>
  (desk: Able): void =>
    desk.goTo(where(desk.active));

const zoom =
  (factor: number) =>
  (desk: Able): void => {
    const { width, height } = desk.active.size;
    desk.zoom(desk.active, factor, { x: width / 2, y: height / 2 });
  };

const preset =
  (name: Parameters<typeof choosePreset>[1]) =>
  (desk: Able): void =>
    choosePreset(desk.together, name);

export const DOINGS: Readonly<Record<Action, (desk: Able) => void>> = {
  back: go(({ index }) => index - 1),
  on: go(({ index }) => index + 1),
  "back-ten": go(({ index }) => index - MANY),
  "on-ten": go(({ index }) => index + MANY),
  first: go(() => 0),
  last: go(({ pictures }) => pictures.length - 1),
  play: (desk) => desk.play(),
  larger: zoom(ZOOM_STEP),
  smaller: zoom(1 / ZOOM_STEP),
  fit: ({ active }) => active.see(fit(active.view)),
  turn: (desk) => {
    desk.active.see(turn(desk.active.view));
    desk.sayEdge("turned", "top");
  },
  flip: (desk) => {
    desk.active.see(flip(desk.active.view));
    desk.sayEdge("flipped", "left");
  },
  invert: ({ active }) => invert(active),
  reset: ({ active }) => {
    active.lookAs(PLAIN);
    active.see(FITTED);
  },
  original: preset("original"),
  soft: preset("soft"),
  lung: preset("lung"),
  bone: preset("bone"),
  brain: preset("brain"),
  move: (desk) => desk.setMode("move"),
  light: (desk) => desk.setMode("light"),
  measure: (desk) => desk.setMode("measure"),
  clear: (desk) => desk.clearLines(),
  star: (desk) => desk.star(),
  "next-star": (desk) => desk.nextStar(),
  compare: (desk) => desk.compare(),
  link: (desk) => desk.toggleLink(),
  other: (desk) => desk.toOther(),
  text: (desk) => desk.toggleText(),
  name: (desk) => desk.toggleName(),
  full: () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen();
  },
  // The page has this button only where a share allows it.
  save: ({ active }) => void savePicture(active),
  help: () => {
    // Keys are for who has a keyboard; on a phone they are there to be unfolded.
    document.querySelector("#keys")?.toggleAttribute("open", matchMedia("(min-width: 821px)").matches);
    document.querySelector<HTMLDialogElement>("#help")?.showModal();
  },
};
