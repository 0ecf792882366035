import { expect, test } from "vitest";
import { Link } from "../../src/viewer/link";
import type { DataSet } from "../../src/viewer/model";
import { inOrder, nearest } from "../../src/viewer/order";
import { beside } from "../../src/viewer/pair";
import { type Picture, picturesOf } from "../../src/viewer/pictures";
import { SERIES, axial, slice } from "./make";

const ordered = (...data: DataSet[]): Picture[] => inOrder(picturesOf(data, SERIES));
const numbers = (pictures: Picture[]): number[] => pictures.map((each) => each.instanceNumber);
const stack = (count: number, from: number, apart: number, reference: string): Picture[] =>
  ordered(
    ...Array.from({ length: count }, (_, at) =>
      axial(at + 1, from + at * apart, { "00200052": [reference] }),
    ),
  );

test("slices go by position, not by the order in which they arrive or are numbered", () => {
  expect(numbers(ordered(axial(1, 0), axial(3, 5), axial(2, 10)))).toEqual([1, 3, 2]);
});

test("numbering that starts at the head is kept", () => {
  expect(numbers(ordered(axial(3, 0), axial(1, 10), axial(2, 5)))).toEqual([1, 2, 3]);
});

test("slices that are visited twice are shown volume by volume", () => {
  const twice = ordered(axial(1, 0), axial(2, 5), axial(3, 0), axial(4, 5));
  expect(numbers(twice)).toEqual([1, 2, 3, 4]);
  const alternating = ordered(axial(1, 0), axial(2, 0), axial(3, 5), axial(4, 5));
  expect(numbers(alternating)).toEqual([1, 3, 2, 4]);
});

test("without a common direction the instance number decides", () => {
  const sagittal = axial(2, 0, { "00200037": [0, 1, 0, 0, 0, -1] });
  expect(numbers(ordered(axial(3, 1), sagittal, axial(1, 2)))).toEqual([1, 2, 3]);
  expect(numbers(ordered(slice({ "00200013": [2] }), slice({ "00200013": [1] })))).toEqual([1, 2]);
});

test("two stacks of one frame of reference meet at the same millimetre", () => {
  const thin = stack(40, 0, 1, "2.25.9");
  const thick = stack(8, 0, 5, "2.25.9");
  const link = new Link({ pictures: thin, index: 0 }, { pictures: thick, index: 7 });
  expect(link.kind).toBe("place");
  expect(link.partner({ pictures: thin, index: 21 }, thick)).toBe(4);
  expect(link.partner({ pictures: thick, index: 3 }, thin)).toBe(15);
  expect(beside({ pictures: thin, index: 30 }, thick)).toBe(6);
});

test("another exam keeps the distance it had when the two were bound", () => {
  const now = stack(40, 0, 2, "2.25.9");
  const prior = stack(40, 1000, 4, "2.25.8");
  const link = new Link({ pictures: now, index: 10 }, { pictures: prior, index: 12 });
  expect(link.kind).toBe("place");
  expect(link.partner({ pictures: now, index: 20 }, prior)).toBe(17);
  expect(link.partner({ pictures: prior, index: 17 }, now)).toBe(20);
  expect(beside({ pictures: now, index: 10 }, prior)).toBe(10);
});

test("pictures without a common direction go by how far through one is", () => {
  const plain = ordered(...[1, 2, 3, 4, 5].map((n) => slice({ "00200013": [n], "00080018": [`2.25.${n}`] })));
  const axialStack = stack(9, 0, 1, "2.25.9");
  const link = new Link({ pictures: axialStack, index: 0 }, { pictures: plain, index: 0 });
  expect(link.kind).toBe("order");
  expect(link.partner({ pictures: axialStack, index: 4 }, plain)).toBe(2);
});

test("nearest looks only at slices that face the same way", () => {
  const sagittal = picturesOf([axial(1, 0, { "00200037": [0, 1, 0, 0, 0, -1] })], SERIES);
  expect(nearest(sagittal, stack(1, 0, 1, "2.25.9")[0]!, 0)).toBeUndefined();
});
