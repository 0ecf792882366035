// Which picture of the other stack belongs beside this one?

import { parallel } from "./geometry";
import { nearest } from "./order";
import type { Picture } from "./pictures";

interface Stack {
  readonly pictures: readonly Picture[];
  readonly index: number;
}

export type LinkKind = "place" | "order";

/**
 * Two stacks bound together as they stand.
 *
 * Parallel slices go by millimetres: the same position within one frame of
 * reference, else the distance they have when they are bound, because another
 * exam's table has another zero. All else goes by how far through the stack one is.
 */
export class Link {
  readonly kind: LinkKind;
  readonly #apart: ReadonlyMap<Stack["pictures"], number>;

  constructor(a: Stack, b: Stack) {
    const [here, there] = [a.pictures[a.index]?.place, b.pictures[b.index]?.place];
    this.kind = here && there && parallel(here, there) ? "place" : "order";
    const shared = here && here.frameOfReference !== "" && here.frameOfReference === there?.frameOfReference;
    const offset = here && there && !shared ? there.along - here.along : 0;
    this.#apart = new Map([
      [a.pictures, offset],
      [b.pictures, -offset],
    ]);
  }

  /** Where the other stack should be when `moved` is where it is. */
  partner(moved: Stack, other: Stack["pictures"]): number {
    const picture = moved.pictures[moved.index];
    if (this.kind === "place" && picture) {
      const found = nearest(other, picture, this.#apart.get(moved.pictures) ?? 0);
      if (found !== undefined) return found;
    }
    return relative(moved, other);
  }
}

/** As far through `other` as `moved` is through its own pictures. */
export function relative(moved: Stack, other: Stack["pictures"]): number {
  const last = Math.max(1, moved.pictures.length - 1);
  return Math.round((moved.index / last) * (other.length - 1));
}
