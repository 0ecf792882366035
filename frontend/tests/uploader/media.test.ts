import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";

import { planeOf, shrink, windowOf } from "../../src/uploader/cover";
import { findStart, readHeader } from "../../src/uploader/header";
import { Media } from "../../src/uploader/media";
import { sniff } from "../../src/uploader/sniff";
import { Tag } from "../../src/uploader/tags";
import { BadZipError, canRead, listZip, readEntry } from "../../src/uploader/zip";
import { dataset, element, EXPLICIT, join, part10, picture, preamble } from "./dataset";

const text = (words: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(words));
const pick = (path: string, bytes: Uint8Array<ArrayBuffer>) => ({ path, file: new File([bytes], path.split("/").pop() ?? "") });

async function look(files: Record<string, Uint8Array<ArrayBuffer>>): Promise<Media> {
  const media = new Media(1 << 30);
  await media.scan(Object.entries(files).map(([path, bytes]) => pick(path, bytes)), () => {});
  return media;
}

const reasons = (media: Media): Record<string, string> => Object.fromEntries([...media.left.values()].map(({ path, why }) => [path, why]));

describe("looking at files by content", () => {
  it("believes bytes, not names", () => {
    expect(sniff(text("MZ\x90\0"))).toBe("program");
    expect(sniff(text("<html>"))).toBe("page");
    expect(sniff(text("%PDF-1.7"))).toBe("pdf");
    expect(sniff(new Uint8Array())).toBe("empty");
    expect(sniff(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))).toBe("jpeg");
  });

  it("takes pictures and papers, and says of everything else why not", async () => {
    const dicomdir = join(
      preamble(EXPLICIT.uid).slice(0, 132),
      element([0x00020002, "UI", "1.2.840.10008.1.3.10"], true, true),
      element([0x00020010, "UI", EXPLICIT.uid], true, true),
      dataset([[0x00041130, "CS", "DISC"]], EXPLICIT),
    );
    const media = await look({
      "CD/IM1": part10(picture()),
      "CD/IM1 (copy)": part10(picture()),
      "CD/START.EXE": text("MZ..."),
      "CD/help.htm": text("<html>help"),
      "CD/DICOMDIR": dicomdir,
      "CD/nothing": new Uint8Array(),
      "letter.pdf": text("%PDF-1.4 words"),
      "CD/unnamed": part10(picture({ 0x00080018: "" })),
    });
    expect([...media.found.values()].map(({ path, kind }) => [path, kind])).toEqual([["CD/IM1", "dicom"], ["letter.pdf", "pdf"]]);
    expect(reasons(media)).toMatchObject({ "CD/IM1 (copy)": "copy", "CD/START.EXE": "program", "CD/help.htm": "page", "CD/DICOMDIR": "index", "CD/nothing": "empty", "CD/unnamed": "no-identity" });
  });

  it("does not call another picture under the same number a copy", async () => {
    const media = await look({ a: part10(picture()), b: part10(picture({ 0x0008103e: "Bone" })) });
    expect(media.found.size).toBe(2);
  });

  it("reads deflated data sets", async () => {
    const packed = await new Response(new Blob([dataset(picture(), EXPLICIT)]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer();
    const media = await look({ deflated: join(preamble("1.2.840.10008.1.2.1.99"), new Uint8Array(packed)) });
    expect([...media.found.values()][0]?.dicom?.patientName).toBe("Example^Patient");
  });

  it("reads headers longer than the first bytes", async () => {
    const long = part10([...picture().slice(0, 6), [0x00091000, "OB", new Uint8Array(300_000)], ...picture().slice(6)]);
    expect([...(await look({ long })).found.values()][0]?.dicom?.studyUid).toBe("2.25.11");
  });
});

describe("reading a zip where it lies", () => {
  const files = { "CD/IM1": part10(picture()), "CD/IM2": part10(picture({ 0x00080018: "2.25.1002" })), "CD/": new Uint8Array() };

  it.each([0, 9] as const)("finds pictures in a zip of level %d", async (level) => {
    const zip = zipSync(files, { level }) as Uint8Array<ArrayBuffer>;
    const media = await look({ "all.zip": zip });
    expect([...media.found.values()].map(({ path }) => path)).toEqual(["all.zip/CD/IM1", "all.zip/CD/IM2"]);
    expect(new Uint8Array(await (await media.bytes(0)).arrayBuffer())).toEqual(files["CD/IM1"]);
  });

  it("says what is wrong with zips it cannot read", async () => {
    const zip = zipSync(files) as Uint8Array<ArrayBuffer>;
    const locked = zip.slice();
    const view = new DataView(locked.buffer);
    for (let at = 0; at + 46 < locked.length; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 8, 1, true);
    const media = await look({ "torn.zip": zip.slice(0, 200), "locked.zip": locked, "outer.zip": zipSync({ "inner.zip": zip }) as Uint8Array<ArrayBuffer> });
    expect(reasons(media)).toEqual({ "torn.zip": "bad-zip", "locked.zip/CD/IM1": "locked-zip", "locked.zip/CD/IM2": "locked-zip", "outer.zip/inner.zip": "nested-zip" });
  });

  it("refuses an entry that claims to grow beyond all reason, and one that gives less than it says", async () => {
    const zip = new Blob([zipSync({ a: new Uint8Array(100_000) }) as Uint8Array<ArrayBuffer>]);
    const [entry] = await listZip(zip);
    expect(canRead({ ...entry!, size: entry!.packed * 5000 })).toBe(false);
    await expect(readEntry(zip, { ...entry!, size: entry!.size + 10 })).rejects.toThrow(BadZipError);
    await expect(listZip(new Blob(["no zip at all, only words that go on and on"]))).rejects.toThrow(BadZipError);
  });

  it("reads only as much as is asked", async () => {
    const zip = new Blob([zipSync({ a: new Uint8Array(1_000_000).map((_, at) => at) }) as Uint8Array<ArrayBuffer>]);
    const [entry] = await listZip(zip);
    expect((await readEntry(zip, entry!, 1000)).size).toBe(1000);
  });
});

describe("the small picture of a series", () => {
  it("samples native pixels under the header's window", () => {
    const bytes = part10([
      [0x00280002, "US", 1], [0x00280004, "CS", "MONOCHROME2"], [0x00280010, "US", 2], [0x00280011, "US", 2],
      [0x00280100, "US", 16], [0x00280103, "US", 0], [0x00281050, "DS", "100"], [0x00281051, "DS", "200"],
    ]);
    const header = readHeader(bytes, findStart(bytes), Tag.RescaleSlope, true);
    const plane = planeOf(header);
    expect(plane).toMatchObject({ rows: 2, columns: 2, wide: true, size: 8 });
    expect(windowOf(header)).toEqual({ low: 0, high: 200 });
    const pixels = new DataView(new Uint16Array([0, 100, 200, 400]).buffer);
    const { data } = shrink(pixels, plane!, windowOf(header), { width: 10, height: 10 });
    expect([data[0], data[4], data[8], data[12]]).toEqual([0, 128, 255, 255]);
  });

  it("leaves what it cannot draw honestly alone", () => {
    const bytes = part10([[0x00280002, "US", 3], [0x00280004, "CS", "YBR_FULL"], [0x00280010, "US", 2], [0x00280011, "US", 2], [0x00280100, "US", 8]]);
    expect(planeOf(readHeader(bytes, findStart(bytes), Tag.RescaleSlope, true))).toBeNull();
  });
});
