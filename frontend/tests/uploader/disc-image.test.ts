import { describe, expect, it } from "vitest";

import { BadImageError, isImage, listImage } from "../../src/uploader/disc-image";
import { Media } from "../../src/uploader/media";
import { part10, picture } from "./dataset";

const SECTOR = 2048;
const ROOT = 20;

function record(name: string, sector: number, size: number, flags = 0): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(34 + name.length - (name.length % 2 === 1 ? 1 : 0));
  const view = new DataView(made.buffer);
  view.setUint8(0, made.length);
  view.setUint32(2, sector, true);
  view.setUint32(10, size, true);
  view.setUint8(25, flags);
  view.setUint8(32, name.length);
  made.set(new TextEncoder().encode(name), 33);
  return made;
}

/** An image with the records of its uppermost folder, and bytes that begin at sectors. */
function image(records: Uint8Array<ArrayBuffer>[], held: Record<number, Uint8Array<ArrayBuffer>>, sectors = 40): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(sectors * SECTOR);
  made[16 * SECTOR] = 1;
  made.set(new TextEncoder().encode("CD001"), 16 * SECTOR + 1);
  new DataView(made.buffer).setUint16(16 * SECTOR + 128, SECTOR, true);
  made.set(record("\0", ROOT, SECTOR, 2), 16 * SECTOR + 156);
  let at = ROOT * SECTOR;
  for (const each of [record("\0", ROOT, SECTOR, 2), record("\x01", ROOT, SECTOR, 2), ...records]) {
    made.set(each, at);
    at += each.length;
  }
  for (const [sector, bytes] of Object.entries(held)) made.set(bytes, Number(sector) * SECTOR);
  return made;
}

const exam = part10(picture());

async function look(bytes: Uint8Array<ArrayBuffer>): Promise<Media> {
  const media = new Media(1 << 30);
  await media.scan([{ path: "d.iso", file: new File([bytes], "d.iso") }], () => {});
  return media;
}

const left = (media: Media): [string, string][] => [...media.left.values()].map(({ path, why }) => [path, why]);

describe("reading the image of a disc where it lies", () => {
  it("finds pictures in its folders, byte for byte", async () => {
    const folder = record("00000001.;1", 24, exam.length);
    const bytes = image([record("DICOM", 22, SECTOR, 2), record("RUN.EXE;1", 23, 5)], { 22: folder, 23: new TextEncoder().encode("MZ..."), 24: exam });
    expect(await isImage(new Blob([bytes]))).toBe(true);
    const media = await look(bytes);
    expect([...media.found.values()].map(({ path }) => path)).toEqual(["d.iso/DICOM/00000001"]);
    expect(left(media)).toEqual([["d.iso/RUN.EXE", "program"]]);
    const [index] = [...media.found.keys()] as [number];
    expect(new Uint8Array(await (await media.bytes(index)).arrayBuffer())).toEqual(exam);
  });

  it("puts a file together that lies in two parts", async () => {
    const split = image([record("A.;1", 24, SECTOR, 0x80), record("A.;1", 30, 5)], { 24: new Uint8Array(SECTOR).fill(7), 30: new Uint8Array(5).fill(8) });
    const [file] = await listImage(new Blob([split]));
    expect(file?.blob.size).toBe(SECTOR + 5);
    expect((await file!.blob.bytes()).slice(-6)).toEqual(new Uint8Array([7, 8, 8, 8, 8, 8]));
  });

  it.each([
    ["a folder in itself", [record("DICOM", ROOT, SECTOR, 2)]],
    ["files that share a part", [record("A.;1", 24, 3000), record("B.;1", 25, 3000)]],
    ["a file beyond the end", [record("A.;1", 4000, 10)]],
    ["a folder beyond the end", [record("A", 4000, SECTOR, 2)]],
    ["a torn record", [record("A.;1", 24, 10).fill(9, 0, 1)]],
  ])("refuses %s, and says so", async (_, records) => {
    const bytes = image(records, {});
    await expect(listImage(new Blob([bytes]))).rejects.toThrow(BadImageError);
    expect(left(await look(bytes))).toEqual([["d.iso", "bad-image"]]);
  });

  it("answers whatever is damaged", async () => {
    const bytes = image([record("DICOM", 22, SECTOR, 2)], { 22: record("A.;1", 24, exam.length), 24: exam });
    let seed = 5;
    const dice = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 300; round++) {
      const spoiled = bytes.slice();
      for (let n = 0; n < 3; n++) spoiled[(16 + [0, 4, 6][dice(3)]!) * SECTOR + dice(200)] = dice(256);
      const found = await listImage(new Blob([spoiled])).catch((error: unknown) => error);
      expect(Array.isArray(found) || found instanceof BadImageError).toBe(true);
    }
  });
});
