// How long is a line that a person drew?

import type { Picture, Unit } from "./pictures";
import type { Point } from "./view";

export interface Line {
  /** The picture it was drawn on. */
  readonly key: string;
  readonly from: Point;
  readonly to: Point;
}

export interface Length {
  readonly value: number;
  readonly unit: Unit;
}

/** Along each side by its own spacing: pixels need not be square. */
export function lengthOf({ from, to }: Line, { spacing }: Picture): Length {
  const across = to.x - from.x;
  const down = to.y - from.y;
  // Without a spacing there is only an aspect, and a count of pixels is a count.
  const value =
    spacing.unit === "px"
      ? Math.hypot(across, down)
      : Math.hypot(across * spacing.column, down * spacing.row);
  return { value, unit: spacing.unit };
}
