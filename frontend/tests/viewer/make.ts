// Made-up metadata and frames for the tests of the viewer.
import type { DataSet, Element } from "../../src/viewer/model";
import { type Picture, picturesOf } from "../../src/viewer/pictures";
import type { GreyFrame } from "../../src/viewer/shade";

export const SERIES = "/dicomweb/studies/1/series/2";

const value = (...Value: unknown[]): Element => ({ Value });

export function slice(more: Record<string, unknown[]> = {}): DataSet {
  const plain: Record<string, unknown[]> = {
    "00080018": ["2.25.1"],
    "00080060": ["CT"],
    "00200013": [1],
    "00280002": [1],
    "00280004": ["MONOCHROME2"],
    "00280010": [4],
    "00280011": [6],
    "00280100": [16],
    "00280101": [16],
    "00280102": [15],
    "00280103": [0],
    ...more,
  };
  return Object.fromEntries(
    Object.entries(plain)
      .filter(([, each]) => each.length)
      .map(([tag, each]) => [tag, value(...each)]),
  );
}

/** An axial slice at a height, numbered. */
export const axial = (n: number, z: number, more: Record<string, unknown[]> = {}): DataSet =>
  slice({
    "00080018": [`2.25.${n}`],
    "00200013": [n],
    "00200037": [1, 0, 0, 0, 1, 0],
    "00200032": [-10, -10, z],
    "00200052": ["2.25.9"],
    ...more,
  });

export const pictureOf = (data: DataSet = slice()): Picture => picturesOf([data], SERIES)[0]!;

export const grey = (
  values: GreyFrame["values"],
  more: Partial<GreyFrame> = {},
): GreyFrame => ({
  kind: "grey",
  values,
  bytes: values.byteLength,
  modality: undefined,
  voi: undefined,
  ...more,
});
