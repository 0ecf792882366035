import { describe, expect, test } from "vitest";
import { letters } from "../../src/viewer/geometry";
import { lengthOf } from "../../src/viewer/measure";
import {
  FITTED,
  type View,
  apply,
  applyBack,
  edgesOf,
  flip,
  panBy,
  toScreen,
  turn,
  zoomAt,
} from "../../src/viewer/view";
import { axial, pictureOf, slice } from "./make";

const WINDOW = { width: 600, height: 400 };
const flat = pictureOf(axial(1, 0, { "00280010": [100], "00280011": [200], "00280030": [1, 0.5] }));

test("a picture fits the window with its pixels as wide and high as they are in the body", () => {
  const matrix = toScreen(FITTED, WINDOW, flat);
  const [a, , , d] = matrix;
  expect(d / a).toBeCloseTo(2, 9);
  expect(apply(matrix, { x: 100, y: 50 })).toEqual({ x: 300, y: 200 });
  expect(apply(matrix, { x: 0, y: 0 }).y).toBeCloseTo(0, 9);
});

describe.each([
  ["as it is", FITTED],
  ["turned", turn(FITTED)],
  ["turned twice and flipped", flip(turn(turn(FITTED)))],
  ["flipped, turned, zoomed and moved", { ...turn(flip(FITTED)), zoom: 3.7, pan: { x: 31, y: -8 } }],
] as [string, View][])("%s", (_, view) => {
  test("a circle in the body is a circle on the screen", () => {
    const matrix = toScreen(view, WINDOW, flat);
    const origin = apply(matrix, { x: 100, y: 50 });
    const across = apply(matrix, { x: 100 + 20 / 0.5, y: 50 });
    const down = apply(matrix, { x: 100, y: 50 + 20 / 1 });
    const far = (p: { x: number; y: number }): number => Math.hypot(p.x - origin.x, p.y - origin.y);
    expect(far(across)).toBeCloseTo(far(down), 9);
  });

  test("a point of the screen leads back to where it came from", () => {
    const matrix = toScreen(view, WINDOW, flat);
    const back = applyBack(matrix, apply(matrix, { x: 17, y: 61 }));
    expect(back.x).toBeCloseTo(17, 9);
    expect(back.y).toBeCloseTo(61, 9);
  });
});

test("zooming keeps the point under the pointer where it is", () => {
  const at = { x: 450, y: 90 };
  const before = applyBack(toScreen(FITTED, WINDOW, flat), at);
  const near = zoomAt(turn(FITTED), 4, at, WINDOW);
  expect(near.zoom).toBe(4);
  const view = zoomAt(FITTED, 4, at, WINDOW);
  const after = applyBack(toScreen(view, WINDOW, flat), at);
  expect(after.x).toBeCloseTo(before.x, 9);
  expect(after.y).toBeCloseTo(before.y, 9);
});

test("a picture cannot be moved out of its window", () => {
  const { pan } = panBy(FITTED, { x: 10_000, y: -10_000 }, WINDOW, flat);
  expect(pan.x).toBeLessThan(600);
  expect(pan.y).toBeGreaterThan(-400);
});

test("letters turn and flip with the picture", () => {
  expect(edgesOf(FITTED, flat)).toEqual({ top: "A", right: "L", bottom: "P", left: "R" });
  expect(edgesOf(turn(FITTED), flat)).toEqual({ top: "R", right: "A", bottom: "L", left: "P" });
  expect(edgesOf(flip(FITTED), flat)).toEqual({ top: "A", right: "R", bottom: "P", left: "L" });
  expect(edgesOf(flip(turn(FITTED)), flat)).toEqual({ top: "R", right: "P", bottom: "L", left: "A" });
  const around = turn(turn(turn(turn(FITTED))));
  expect(edgesOf(around, flat)).toEqual(edgesOf(FITTED, flat));
});

test("radiographs use the letters written in the file, and mirror them too", () => {
  const film = pictureOf(slice({ "00200020": ["L", "F"] }));
  expect(edgesOf(FITTED, film)).toEqual({ top: "H", right: "L", bottom: "F", left: "R" });
  expect(edgesOf(flip(turn(FITTED)), film)).toEqual({ top: "R", right: "F", bottom: "L", left: "H" });
});

test("where nothing is known there are no letters", () => {
  expect(edgesOf(FITTED, pictureOf(slice())).top).toBe("");
  expect(edgesOf(FITTED, pictureOf(slice({ "00200020": ["<b>", "F"] }))).top).toBe("");
});

test("oblique directions name every axis they lean to, the strongest first", () => {
  expect(letters([0.8, 0.6, 0])).toBe("LP");
  expect(letters([0, -0.5, 0.85])).toBe("HA");
  expect(letters([0.999, 0.04, 0])).toBe("L");
});

test("lengths use the spacing of each side", () => {
  const line = { key: flat.key, from: { x: 0, y: 0 }, to: { x: 60, y: 40 } };
  expect(lengthOf(line, flat)).toEqual({ value: 50, unit: "mm" });
  expect(lengthOf(line, pictureOf(slice({ "00280034": [2, 1] })))).toEqual({
    value: Math.hypot(60, 40),
    unit: "px",
  });
});
