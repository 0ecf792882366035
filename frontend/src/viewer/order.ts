// In which order does a person go through the pictures of a series?

import { dot, parallel } from "./geometry";
import type { Picture } from "./pictures";

const byNumber = (a: Picture, b: Picture): number =>
  a.instanceNumber - b.instanceNumber || a.frame - b.frame || (a.key < b.key ? -1 : 1);

// Closer than this along the normal is the same slice, in millimetres.
const SAME_SLICE = 0.01;

/**
 * By position where all pictures are parallel slices, else by instance number.
 *
 * The end at which numbering starts comes first, so that picture 1 is the one the
 * report calls 1. A series that visits each slice several times (phases, echoes)
 * is shown volume by volume.
 */
export function inOrder(pictures: readonly Picture[]): Picture[] {
  const numbered = [...pictures].sort(byNumber);
  const first = numbered[0]?.place;
  if (!first || !numbered.every((each) => each.place && parallel(each.place, first))) return numbered;
  const along = new Map(numbered.map((each) => [each.key, each.place!.along]));
  const at = (each: Picture): number => along.get(each.key)!;
  const sign = rising(numbered.map(at)) ? 1 : -1;
  const slices: Picture[][] = [];
  for (const each of [...numbered].sort((a, b) => sign * (at(a) - at(b)) || byNumber(a, b))) {
    const slice = slices.at(-1);
    if (slice && Math.abs(at(slice[0]!) - at(each)) < SAME_SLICE) slice.push(each);
    else slices.push([each]);
  }
  const visits = slices[0]!.length;
  if (slices.length === 1 || slices.some((slice) => slice.length !== visits)) {
    return slices.length === 1 ? numbered : slices.flatMap((slice) => slice.sort(byNumber));
  }
  return Array.from({ length: visits }, (_, visit) => visit).flatMap((visit) =>
    slices.map((slice) => slice.sort(byNumber)[visit]!),
  );
}

function rising(positions: readonly number[]): boolean {
  const middle = (positions.length - 1) / 2;
  const slope = positions.reduce((sum, position, index) => sum + position * (index - middle), 0);
  return slope >= 0;
}

/** Which picture to show for a place `offset` millimetres from another series' picture. */
export function nearest(pictures: readonly Picture[], from: Picture, offset: number): number | undefined {
  const here = from.place;
  if (!here) return undefined;
  let best: number | undefined;
  let least = Infinity;
  for (const [index, each] of pictures.entries()) {
    if (!each.place || dot(each.place.normal, here.normal) < 0.9) continue;
    const away = Math.abs(each.place.along - (here.along + offset));
    if (away < least) [best, least] = [index, away];
  }
  return best;
}
