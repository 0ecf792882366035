import { expect, test } from "vitest";
import type { DataSet } from "../../src/viewer/model";
import { type Frame, type Look, PLAIN, gridOf, isUntouched, shade, windowFor } from "../../src/viewer/shade";
import { curve, touched } from "../../src/viewer/voi";
import { grey, pictureOf, slice } from "./make";

function shown(data: DataSet, frame: Frame, look: Look = PLAIN, step = 1): number[] {
  const picture = pictureOf(data);
  const grid = gridOf(picture, frame, step);
  const target = new Uint32Array(grid.width * grid.height);
  shade(target, grid, picture, frame, look);
  return [...target].map((word) => word & 255);
}

const row = (columns: number, more: Record<string, unknown[]> = {}): DataSet =>
  slice({ "00280010": [1], "00280011": [columns], ...more });
const windowed = { "00281050": [50.5], "00281051": [101] };

test("LINEAR follows PS3.3 C.11.2.1.2.1 to the half unit", () => {
  const part = curve({ center: 2048, width: 4096, fn: "LINEAR" });
  expect(part(0)).toBe(0);
  expect(part(4095)).toBe(1);
  expect(part(2047.5)).toBeCloseTo(0.5, 9);
  const step = curve({ center: 10, width: 1, fn: "LINEAR" });
  expect([step(9.5), step(9.51)]).toEqual([0, 1]);
});

test("LINEAR_EXACT and SIGMOID follow their formulas", () => {
  const exact = curve({ center: 127.5, width: 255, fn: "LINEAR_EXACT" });
  expect([exact(0), exact(255)]).toEqual([0, 1]);
  const sigmoid = curve({ center: 100, width: 50, fn: "SIGMOID" });
  expect(sigmoid(100)).toBe(0.5);
  expect(sigmoid(125)).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
});

test("slope and intercept come before the window", () => {
  const data = row(3, { ...windowed, "00281052": [-1000], "00281053": [10] });
  expect(shown(data, grey(Uint16Array.of(99, 105, 111)))).toEqual([0, 128, 255]);
});

test("signed values and unused high bits are read as they are meant", () => {
  const data = row(4, {
    "00280101": [12],
    "00280102": [11],
    "00280103": [1],
    "00281050": [0],
    "00281051": [4096],
  });
  // -2048, -1, 2047, and -1 with an overlay in the high bits.
  expect(shown(data, grey(Uint16Array.of(0x800, 0xfff, 0x7ff, 0x0fff | 0x3000)))).toEqual([
    0, 127, 255, 127,
  ]);
});

test("a high bit above the stored ones shifts the value down", () => {
  const data = row(2, { "00280101": [8], "00280102": [15] });
  expect(shown(data, grey(Uint16Array.of(0xff00, 0x8000)))).toEqual([255, 128]);
});

test("MONOCHROME1 is shown white for low, once, and inverting turns it round", () => {
  const data = row(2, { "00280004": ["MONOCHROME1"], "20500020": ["INVERSE"], ...windowed });
  const frame = grey(Uint16Array.of(0, 100));
  expect(shown(data, frame)).toEqual([255, 0]);
  expect(shown(data, frame, { ...PLAIN, inverted: true })).toEqual([0, 255]);
});

test("8 bit pictures without a window keep their values", () => {
  const data = row(3, { "00280100": [8], "00280101": [8], "00280102": [7] });
  expect(shown(data, grey(Uint8Array.of(0, 77, 255)))).toEqual([0, 77, 255]);
});

test("without a window the values decide, padding and extremes left out", () => {
  const values = new Uint16Array(1002).fill(1000, 1).fill(3000, 501);
  values[0] = 60_000;
  const picture = pictureOf(row(1002, { "00280120": [60_000] }));
  expect(windowFor(picture, grey(values), PLAIN)).toEqual({ center: 2000, width: 2000, fn: "LINEAR_EXACT" });
});

test("tables of the file replace slope and window", () => {
  const data = row(3);
  const modality = { first: 0, bits: 16, entries: [7, 8, 9] };
  const voi = { first: 7, bits: 8, entries: [0, 200, 255] };
  expect(shown(data, grey(Uint16Array.of(0, 1, 60), { modality, voi }))).toEqual([0, 200, 255]);
});

test("32 bit and floating values are shaded one by one", () => {
  const wide = row(3, { "00280100": [32], "00280101": [32], "00280102": [31], ...windowed });
  expect(shown(wide, grey(Uint32Array.of(0, 50, 4_000_000_000)))).toEqual([0, 128, 255]);
  expect(shown(wide, grey(Float32Array.of(-1e30, 50, NaN)))).toEqual([0, 128, 0]);
});

test("presets are for CT only", () => {
  const lung: Look = { ...PLAIN, preset: "lung" };
  const frame = grey(new Uint16Array(24));
  expect(windowFor(pictureOf(slice()), frame, lung).center).toBe(-600);
  const mr = pictureOf(slice({ "00080060": ["MR"], "00281050": [300], "00281051": [600] }));
  expect(windowFor(mr, frame, lung).center).toBe(300);
});

test("more brightness lowers the centre, more contrast narrows the width", () => {
  const window = { center: 40, width: 400, fn: "LINEAR" } as const;
  expect(touched(window, { brightness: 50, contrast: 40 })).toEqual({ center: -160, width: 200, fn: "LINEAR" });
  expect(touched(window, { brightness: 0, contrast: 0 })).toBe(window);
});

test("a thinned grid takes every nth pixel of every nth row", () => {
  const data = slice({ "00280010": [3], "00280011": [5], "00280100": [8], "00280101": [8], "00280102": [7] });
  const values = Uint8Array.from({ length: 15 }, (_, at) => at);
  expect(shown(data, grey(values), PLAIN, 2)).toEqual([0, 2, 4, 10, 12, 14]);
});

test("colour keeps its bytes, and turns to its negative", () => {
  const rgba = Uint32Array.of(0xff030201, 0xffffffff);
  const frame: Frame = { kind: "colour", rgba, width: 2, height: 1, bytes: 8 };
  expect(shown(slice(), frame)).toEqual([1, 255]);
  expect(shown(slice(), frame, { ...PLAIN, inverted: true })).toEqual([254, 0]);
});

test("a look is its preset until a slider was moved", () => {
  expect(isUntouched({ ...PLAIN, preset: "lung", inverted: true })).toBe(true);
  expect(isUntouched({ ...PLAIN, preset: "lung", touch: { brightness: 5, contrast: 0 } })).toBe(false);
});
