import { expect, test } from "vitest";
import { personName } from "../../src/viewer/model";
import { picturesOf } from "../../src/viewer/pictures";
import { SERIES, axial, pictureOf, slice } from "./make";

test("objects without pixels are left out", () => {
  expect(picturesOf([slice({ "00280010": [] }), slice()], SERIES)).toHaveLength(1);
});

test("each frame of a multi-frame object is a picture with its own address", () => {
  const pictures = picturesOf([slice({ "00280008": ["3"] })], SERIES);
  expect(pictures.map(({ key }) => key)).toEqual([
    `${SERIES}/instances/2.25.1/frames/1`,
    `${SERIES}/instances/2.25.1/frames/2`,
    `${SERIES}/instances/2.25.1/frames/3`,
  ]);
});

test("a frame's own functional groups win over the shared ones", () => {
  const at = (z: number): unknown => ({ "00209113": { Value: [{ "00200032": { Value: [0, 0, z] } }] } });
  const shared = {
    "00209116": { Value: [{ "00200037": { Value: [1, 0, 0, 0, 1, 0] } }] },
    "00289110": { Value: [{ "00280030": { Value: [0.5, 0.25] } }] },
    "00289145": { Value: [{ "00281052": { Value: [-1024] }, "00281053": { Value: [2] } }] },
    "00289132": { Value: [{ "00281050": { Value: [40] }, "00281051": { Value: [400] } }] },
  };
  const [first, second] = picturesOf(
    [slice({ "00280008": [2], "52009229": [shared], "52009230": [at(5), at(7.5)] })],
    SERIES,
  );
  expect([first!.place!.along, second!.place!.along]).toEqual([5, 7.5]);
  expect(second!.spacing).toEqual({ row: 0.5, column: 0.25, unit: "mm" });
  expect([second!.slope, second!.intercept, second!.window?.center]).toEqual([2, -1024, 40]);
});

test("a spacing at the detector is never called millimetres in the patient", () => {
  expect(pictureOf(slice({ "00181164": [0.2, 0.2] })).spacing.unit).toBe("detector");
  expect(pictureOf(slice({ "00181164": [0.2, 0.2], "00280030": [0.2, 0.2] })).spacing.unit).toBe("detector");
  const corrected = { "00181164": [0.2, 0.2], "00280030": [0.2, 0.2], "00280A02": ["GEOMETRY"] };
  expect(pictureOf(slice(corrected)).spacing.unit).toBe("mm");
  expect(pictureOf(slice({ "00181164": [0.2, 0.2], "00280030": [0.1, 0.1] })).spacing.unit).toBe("mm");
  expect(pictureOf(slice()).spacing.unit).toBe("px");
  expect(pictureOf(slice({ "00280030": [0, 0] })).spacing.unit).toBe("px");
});

test("numbers may come as text, and unusable windows are passed over", () => {
  const picture = pictureOf(slice({ "00281050": ["0", "50"], "00281051": ["0", "350"] }));
  expect(picture.window).toEqual({ center: 50, width: 350, fn: "LINEAR" });
});

test("cosines that are not at right angles give no orientation", () => {
  expect(pictureOf(axial(1, 0, { "00200037": [1, 0, 0, 0.7, 0.7, 0] })).place).toBeUndefined();
});

test("a name is said given name first, without marks that turn the text around", () => {
  const data = { "00100010": { Value: [{ Alphabetic: "Doe\u202e^Jane^^Dr" }] } };
  expect(personName(data, "00100010")).toBe("Dr Jane Doe");
});
