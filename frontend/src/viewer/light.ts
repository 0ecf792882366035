// How do panes change what is bright and what is dark?

import type { Pane } from "./pane";
import { type Preset, UNTOUCHED } from "./voi";

const MOST = 100;

/** Apply a preset wherever it means something; the sliders go back to the middle. */
export function choosePreset(panes: readonly Pane[], preset: Preset): void {
  for (const pane of panes) {
    if (preset !== "original" && pane.picture?.modality !== "CT") continue;
    pane.lookAs({ ...pane.look, preset, touch: UNTOUCHED });
  }
}

export function invert(pane: Pane): void {
  pane.lookAs({ ...pane.look, inverted: !pane.look.inverted });
}

const bounded = (value: number): number => Math.max(-MOST, Math.min(MOST, value));

/** Set the two sliders of a pane. */
export function setLight(pane: Pane, brightness: number, contrast: number): void {
  const touch = { brightness: bounded(brightness), contrast: bounded(contrast) };
  pane.lookAs({ ...pane.look, touch }, { hasty: true });
}
