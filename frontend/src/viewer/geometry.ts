// Where in the patient is a picture, and which way up? (PS3.3 C.7.6.2, PS3.3 C.7.6.1.1.1)
//
// Patient axes: +x to the left, +y to the back, +z to the head.

export type Vector = readonly [number, number, number];

export interface Orientation {
  /** Unit vector along a row: to the right in the stored picture. */
  readonly right: Vector;
  /** Unit vector along a column: down in the stored picture. */
  readonly down: Vector;
}

export interface Place extends Orientation {
  readonly normal: Vector;
  /** Millimetres along the normal. */
  readonly along: number;
  readonly frameOfReference: string;
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

const unit = (a: Vector): Vector | undefined => {
  const length = Math.hypot(...a);
  return length > 0 ? [a[0] / length, a[1] / length, a[2] / length] : undefined;
};

// Further from square than rounding explains: not an orientation to trust.
const SQUARE = 0.01;

export function orientation(cosines: readonly number[]): Orientation | undefined {
  if (cosines.length !== 6) return undefined;
  const right = unit(cosines.slice(0, 3) as unknown as Vector);
  const down = unit(cosines.slice(3) as unknown as Vector);
  if (!right || !down || Math.abs(dot(right, down)) > SQUARE) return undefined;
  return { right, down };
}

export function place(
  cosines: readonly number[],
  position: readonly number[],
  frameOfReference: string,
): Place | undefined {
  const turned = orientation(cosines);
  if (!turned || position.length !== 3) return undefined;
  const normal = cross(turned.right, turned.down);
  return { ...turned, normal, along: dot(normal, position as unknown as Vector), frameOfReference };
}

// Within a degree and a half: the same stack, however the numbers were rounded.
const PARALLEL = 0.9997;

export const parallel = (a: Place, b: Place): boolean => dot(a.normal, b.normal) > PARALLEL;

const AXES: readonly (readonly [string, string])[] = [
  ["L", "R"],
  ["P", "A"],
  ["H", "F"],
];
// A part of a direction worth a letter: 15 degrees away from the plane.
const WORTH_A_LETTER = 0.26;

/** The letters for a direction, the strongest first: "A", "LA", "HPR". */
export function letters(direction: Vector): string {
  return direction
    .map((part, axis) => ({ size: Math.abs(part), letter: AXES[axis]![part > 0 ? 0 : 1]! }))
    .filter((part) => part.size > WORTH_A_LETTER)
    .sort((a, b) => b.size - a.size)
    .map((part) => part.letter)
    .join("");
}

const OPPOSITE: Readonly<Record<string, string>> = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };

/** The letters for the other end of the same axis. */
export const opposite = (written: string): string =>
  [...written].map((letter) => OPPOSITE[letter] ?? "").join("");
