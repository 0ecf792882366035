import { expect, test } from "vitest";
import { boundaryOf, onlyPart } from "../../src/viewer/multipart";

const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const HEAD = "--b1\r\nContent-Type: application/octet-stream\r\nContent-Length: 6\r\n\r\n";

test("the part is what stands between its headers and the last delimiter", () => {
  const part = onlyPart(bytes(`${HEAD}\x00\x01\x02\x03\x04\x05\r\n--b1--\r\n`), "b1");
  expect([...new Uint8Array(part!)]).toEqual([0, 1, 2, 3, 4, 5]);
});

test("pixels may look like a delimiter or like the end of headers", () => {
  const pixels = "\r\n\r\n\r\n--b1--";
  const part = onlyPart(bytes(`${HEAD}${pixels}\r\n--b1--\r\n`), "b1");
  expect(String.fromCharCode(...new Uint8Array(part!))).toBe(pixels);
});

test("an answer that was cut off is no picture", () => {
  expect(onlyPart(bytes(`${HEAD}\x00\x01\x02`), "b1")).toBeUndefined();
  expect(onlyPart(bytes("--b1"), "b1")).toBeUndefined();
});

test("the boundary is read with quotes and without", () => {
  expect(boundaryOf('multipart/related; type="a/b"; boundary="x y"')).toBe("x y");
  expect(boundaryOf("multipart/related; boundary=abc; type=a")).toBe("abc");
  expect(boundaryOf("application/octet-stream")).toBeUndefined();
});
