// Which grey does each stored value get? (PS3.3 C.11.1, C.11.2)
//
// Up to 16 bits every possible value gets its colour first, in one table; a
// picture then costs one look-up a pixel, whatever the functions are.

import type { Picture, Table } from "./pictures";
import {
  CT_WINDOWS,
  type Preset,
  type Touch,
  UNTOUCHED,
  type Window,
  curve,
  touched,
} from "./voi";

export interface GreyFrame {
  readonly kind: "grey";
  readonly values: Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;
  readonly bytes: number;
  readonly modality: Table | undefined;
  readonly voi: Table | undefined;
}

export interface ColourFrame {
  readonly kind: "colour";
  readonly rgba: Uint32Array;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

export type Frame = GreyFrame | ColourFrame;

/** How a person wants to see pictures. */
export interface Look {
  readonly preset: Preset;
  readonly touch: Touch;
  readonly inverted: boolean;
}

/** Whether a look is its preset and nothing else. */
export const isUntouched = ({ touch }: Look): boolean => !touch.brightness && !touch.contrast;

export const PLAIN: Look = { preset: "original", touch: UNTOUCHED, inverted: false };

// The samples of a colour picture as it is.
const WHOLE_BYTE: Window = { center: 127.5, width: 255, fn: "LINEAR_EXACT" };

/** The window in force: the person's, else the picture's own, else what its values need. */
export function windowFor(picture: Picture, frame: Frame, look: Look): Window {
  return touched(frame.kind === "colour" ? WHOLE_BYTE : base(picture, frame, look), look.touch);
}

function base(picture: Picture, frame: GreyFrame, look: Look): Window {
  if (look.preset !== "original" && picture.modality === "CT") return CT_WINDOWS[look.preset];
  if (picture.window) return picture.window;
  if (frame.voi) return spanOf(frame.voi);
  return (ranges.get(frame) ?? remember(frame, range(picture, frame)));
}

const spanOf = (table: Table): Window => ({
  center: table.first + (table.entries.length - 1) / 2,
  width: Math.max(1, table.entries.length - 1),
  fn: "LINEAR_EXACT",
});

const ranges = new WeakMap<GreyFrame, Window>();

function remember(frame: GreyFrame, window: Window): Window {
  ranges.set(frame, window);
  return window;
}

const SAMPLED = 65_536;
const BYTE = 8;

/** A window over what the picture holds: all of it up to 8 bits, else all but its extremes. */
function range(picture: Picture, frame: GreyFrame): Window {
  const { bitsStored, floating, padding, signed } = picture.pixels;
  const real = modality(picture, frame);
  let low: number;
  let high: number;
  if (!floating && bitsStored <= BYTE && !frame.modality) {
    low = signed ? -(2 ** (bitsStored - 1)) : 0;
    high = low + 2 ** bitsStored - 1;
  } else {
    const stored = storedValue(picture, frame);
    const step = Math.max(1, Math.floor(frame.values.length / SAMPLED));
    const some: number[] = [];
    for (let at = 0; at < frame.values.length; at += step) {
      const value = stored(frame.values[at]!);
      if (Number.isFinite(value) && value !== padding) some.push(value);
    }
    some.sort((a, b) => a - b);
    low = some[Math.floor(some.length * 0.005)] ?? 0;
    high = some[Math.ceil(some.length * 0.995) - 1] ?? 1;
  }
  const [dark, bright] = [real(low), real(high)].sort((a, b) => a - b) as [number, number];
  return { center: (dark + bright) / 2, width: Math.max(bright - dark, 1e-9), fn: "LINEAR_EXACT" };
}

/** From the bits as they came to the value they mean. */
function storedValue(picture: Picture, frame: GreyFrame): (raw: number) => number {
  const { bitsStored, floating, highBit, signed } = picture.pixels;
  if (floating || frame.values instanceof Int32Array) return (raw) => raw;
  const shift = highBit + 1 - bitsStored;
  if (frame.values instanceof Uint32Array) return (raw) => raw;
  const mask = 2 ** bitsStored - 1;
  const sign = signed ? 2 ** (bitsStored - 1) : Infinity;
  return (raw) => {
    const value = (raw >> shift) & mask;
    return value >= sign ? value - mask - 1 : value;
  };
}

function modality(picture: Picture, frame: GreyFrame): (value: number) => number {
  const { slope, intercept } = picture;
  return frame.modality
    ? lookedUp(frame.modality)
    : (value) => value * slope + intercept;
}

const lookedUp =
  ({ first, entries }: Table): ((value: number) => number) =>
  (value) =>
    entries[Math.max(0, Math.min(entries.length - 1, Math.trunc(value - first)))]!;

/** From a value as stored to a byte of brightness. */
function brightness(picture: Picture, frame: GreyFrame, look: Look): (value: number) => number {
  const real = modality(picture, frame);
  const dark = picture.pixels.inverse !== look.inverted;
  const byte = (part: number): number => Math.round((dark ? 1 - part : part) * 255);
  const { voi } = frame;
  const untouched = isUntouched(look);
  const original = look.preset === "original" || picture.modality !== "CT";
  if (voi && untouched && original && !picture.window) {
    const entry = lookedUp(voi);
    const most = 2 ** voi.bits - 1;
    return (value) => byte(Math.min(1, entry(real(value)) / most));
  }
  const part = curve(windowFor(picture, frame, look));
  return (value) => byte(part(real(value)));
}

const OPAQUE = 0xff000000;
const grey = (byte: number): number => (OPAQUE | (byte << 16) | (byte << 8) | byte) >>> 0;

// Canvas pixels are bytes R G B A; as 32-bit words that is this order on all
// processors that browsers run on.
const RED_FIRST = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** A picture's grid thinned by `step`, for when a finer one could not be seen anyway. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly step: number;
}

export function gridOf(picture: Picture, frame: Frame, step: number): Grid {
  const width = frame.kind === "colour" ? frame.width : picture.pixels.columns;
  const height = frame.kind === "colour" ? frame.height : picture.pixels.rows;
  return { width: Math.ceil(width / step), height: Math.ceil(height / step), step };
}

/** Fill `target`, a canvas' pixels as words, with the picture. */
export function shade(
  target: Uint32Array,
  grid: Grid,
  picture: Picture,
  frame: Frame,
  look: Look,
): void {
  if (!RED_FIRST) throw new Error("big-endian browsers are not known");
  if (frame.kind === "colour") shadeColour(target, grid, frame, look);
  else shadeGrey(target, grid, picture, frame, look);
}

function shadeGrey(target: Uint32Array, grid: Grid, picture: Picture, frame: GreyFrame, look: Look): void {
  const { values } = frame;
  const bright = brightness(picture, frame, look);
  const stored = storedValue(picture, frame);
  if (values instanceof Uint8Array || values instanceof Uint16Array) {
    const table = new Uint32Array(256 ** values.BYTES_PER_ELEMENT);
    fillTable(table, stored, bright, picture);
    if (grid.step === 1) {
      // Most pictures come this way: no call per pixel.
      const count = grid.width * grid.height;
      for (let at = 0; at < count; at++) target[at] = table[values[at]!]!;
      return;
    }
    each(target, grid, picture.pixels.columns, (at) => table[values[at]!]!);
  } else {
    each(target, grid, picture.pixels.columns, (at) => {
      const value = values[at]!;
      return grey(bright(Number.isNaN(value) ? 0 : stored(value)));
    });
  }
}

/** One colour for every pattern of bits; patterns that mean the same value are worked out once. */
function fillTable(
  table: Uint32Array,
  stored: (raw: number) => number,
  bright: (value: number) => number,
  { pixels: { bitsStored, highBit } }: Picture,
): void {
  const period = Math.min(table.length, 2 ** (highBit + 1));
  const run = 2 ** (highBit + 1 - bitsStored);
  for (let raw = 0; raw < period; raw += run) {
    const word = grey(bright(stored(raw)));
    for (let at = raw; at < raw + run; at++) table[at] = word;
  }
  for (let at = period; at < table.length; at += period) table.copyWithin(at, 0, period);
}

function each(target: Uint32Array, grid: Grid, columns: number, pixel: (at: number) => number): void {
  const { width, height, step } = grid;
  if (step === 1) {
    const count = width * height;
    for (let at = 0; at < count; at++) target[at] = pixel(at);
    return;
  }
  let to = 0;
  for (let row = 0; row < height; row++) {
    let from = row * step * columns;
    for (let column = 0; column < width; column++, from += step) target[to++] = pixel(from);
  }
}

function shadeColour(target: Uint32Array, grid: Grid, frame: ColourFrame, look: Look): void {
  const { rgba } = frame;
  const plain = !look.inverted && isUntouched(look);
  if (plain && grid.step === 1) {
    target.set(rgba);
    return;
  }
  const part = curve(touched(WHOLE_BYTE, look.touch));
  const byte = Uint8Array.from({ length: 256 }, (_, value) =>
    Math.round((look.inverted ? 1 - part(value) : part(value)) * 255),
  );
  each(target, grid, frame.width, (at) => {
    const word = rgba[at]!;
    return (
      (OPAQUE |
        (byte[(word >> 16) & 255]! << 16) |
        (byte[(word >> 8) & 255]! << 8) |
        byte[word & 255]!) >>>
      0
    );
  });
}
