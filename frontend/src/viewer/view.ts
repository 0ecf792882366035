// Where on the screen does each point of a picture stand?
//
// Picture points count in stored pixels from the upper left corner; screen points
// in CSS pixels from the upper left corner of the pane's window.

import { type Vector, letters, opposite } from "./geometry";
import type { Picture } from "./pictures";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Quarter turns and mirror images: a 2 by 2 matrix of 0, 1 and -1, row by row. */
export type Turned = readonly [number, number, number, number];

export interface View {
  /** 1 fits the picture into the window. */
  readonly zoom: number;
  /** How far the picture's middle is from the window's. */
  readonly pan: Point;
  readonly turned: Turned;
}

export const FITTED: View = { zoom: 1, pan: { x: 0, y: 0 }, turned: [1, 0, 0, 1] };
export const FURTHEST = 0.25;
export const CLOSEST = 20;

/** As the person sees it: a quarter to the right, whatever was done before. */
export const turn = (view: View): View => {
  const [a, b, c, d] = view.turned;
  return { ...view, turned: [-c, -d, a, b], pan: { x: -view.pan.y, y: view.pan.x } };
};

/** Left and right change places, as the person sees it. */
export const flip = (view: View): View => {
  const [a, b, c, d] = view.turned;
  return { ...view, turned: [-a, -b, c, d], pan: { x: -view.pan.x, y: view.pan.y } };
};

export const fit = (view: View): View => ({ ...FITTED, turned: view.turned });

/** Zoom so that the point of the picture under `at` stays where it is. */
export function zoomAt(view: View, factor: number, at: Point, window: Size): View {
  const zoom = Math.min(CLOSEST, Math.max(FURTHEST, view.zoom * factor));
  const ratio = zoom / view.zoom;
  const away = { x: at.x - window.width / 2, y: at.y - window.height / 2 };
  return {
    ...view,
    zoom,
    pan: {
      x: away.x - (away.x - view.pan.x) * ratio,
      y: away.y - (away.y - view.pan.y) * ratio,
    },
  };
}

/** Pan, but never so far that the whole picture leaves the window. */
export function panBy(view: View, by: Point, window: Size, picture: Picture): View {
  const size = shown(view, window, picture);
  const limit = (wanted: number, picture_: number, window_: number): number => {
    const most = Math.max(0, (picture_ + window_) / 2 - 40);
    return Math.min(most, Math.max(-most, wanted));
  };
  return {
    ...view,
    pan: {
      x: limit(view.pan.x + by.x, size.width, window.width),
      y: limit(view.pan.y + by.y, size.height, window.height),
    },
  };
}

/** How many CSS pixels a stored pixel takes, across and down the stored picture. */
function scales(view: View, window: Size, { pixels, spacing }: Picture): Size {
  const aspect = spacing.row / spacing.column;
  const width = pixels.columns;
  const height = pixels.rows * aspect;
  const sideways = view.turned[0] === 0;
  const fitting = Math.min(
    window.width / (sideways ? height : width),
    window.height / (sideways ? width : height),
  );
  const scale = fitting * view.zoom;
  return { width: scale, height: scale * aspect };
}

function shown(view: View, window: Size, picture: Picture): Size {
  const scale = scales(view, window, picture);
  const width = picture.pixels.columns * scale.width;
  const height = picture.pixels.rows * scale.height;
  return view.turned[0] === 0 ? { width: height, height: width } : { width, height };
}

/** As canvas takes it: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

export function toScreen(view: View, window: Size, picture: Picture): Matrix {
  const [xx, xy, yx, yy] = view.turned;
  const { width: sx, height: sy } = scales(view, window, picture);
  const a = xx * sx;
  const b = yx * sx;
  const c = xy * sy;
  const d = yy * sy;
  const { columns, rows } = picture.pixels;
  return [
    a,
    b,
    c,
    d,
    window.width / 2 + view.pan.x - (a * columns + c * rows) / 2,
    window.height / 2 + view.pan.y - (b * columns + d * rows) / 2,
  ];
}

export const apply = ([a, b, c, d, e, f]: Matrix, { x, y }: Point): Point => ({
  x: a * x + c * y + e,
  y: b * x + d * y + f,
});

export function applyBack([a, b, c, d, e, f]: Matrix, { x, y }: Point): Point {
  const determinant = a * d - b * c;
  const [dx, dy] = [x - e, y - f];
  return { x: (d * dx - c * dy) / determinant, y: (a * dy - b * dx) / determinant };
}

export interface Edges {
  readonly top: string;
  readonly right: string;
  readonly bottom: string;
  readonly left: string;
}

const NO_LETTERS: Edges = { top: "", right: "", bottom: "", left: "" };

/** The letters at the window's edges, after all turns and flips. */
export function edgesOf(view: View, picture: Picture): Edges {
  const [xx, xy, yx, yy] = view.turned;
  const { place, edges } = picture;
  let right: string;
  let bottom: string;
  if (place) {
    const mix = (x: number, y: number): Vector =>
      place.right.map((part, axis) => part * x + place.down[axis]! * y) as unknown as Vector;
    right = letters(mix(xx, xy));
    bottom = letters(mix(yx, yy));
  } else if (edges) {
    const mix = (x: number, y: number): string => {
      const written = edges[x === 0 ? 1 : 0];
      return x + y > 0 ? written : opposite(written);
    };
    right = mix(xx, xy);
    bottom = mix(yx, yy);
  } else {
    return NO_LETTERS;
  }
  return { top: opposite(bottom), right, bottom, left: opposite(right) };
}
