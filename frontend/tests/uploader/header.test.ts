import { describe, expect, it } from "vitest";

import { factsOf, isoDate, burntIn } from "../../src/uploader/facts";
import { findStart, NeedMoreError, NotDicomError, readHeader } from "../../src/uploader/header";
import { Tag } from "../../src/uploader/tags";
import { BIG, dataset, element, EXPLICIT, IMPLICIT, join, part10, picture, preamble } from "./dataset";

const read = (bytes: Uint8Array, whole = true) => readHeader(bytes, findStart(bytes), Tag.BurnedInAnnotation, whole);

describe("reading a header", () => {
  it.each([EXPLICIT, IMPLICIT, BIG])("reads $uid", (syntax) => {
    const facts = factsOf(read(part10(picture(), syntax)));
    expect(facts).toMatchObject({ patientName: "Example^Patient", birthDate: "1974-05-03", studyUid: "2.25.11", modality: "CT", instanceNumber: 7 });
  });

  it.each([EXPLICIT, IMPLICIT, BIG])("reads a data set without preamble in $uid", (syntax) => {
    expect(read(dataset(picture(), syntax)).text(Tag.SeriesDescription)).toBe("Lung");
  });

  it("goes past sequences of undefined length, however they nest", () => {
    const inner = join(element([0xfffee000, "", ""], false, true, 0xffffffff), element([0x00080100, "SH", "CODE"], true, true), element([0xfffee00d, "", ""], false, true));
    const sequence = join(element([0x00081032, "SQ", ""], true, true, 0xffffffff), inner, element([0xfffee0dd, "", ""], false, true));
    const [before, after] = [picture().slice(0, 5), picture().slice(5)];
    const bytes = join(preamble(EXPLICIT.uid), dataset(before, EXPLICIT), sequence, dataset(after, EXPLICIT));
    expect(read(bytes).text(Tag.PatientName)).toBe("Example^Patient");
  });

  it("asks for more when the wanted elements lie beyond what it was given", () => {
    const long = part10([...picture().slice(0, 6), [0x00091000, "OB", new Uint8Array(70_000)], ...picture().slice(6)]);
    expect(() => read(long.slice(0, 65_536), false)).toThrow(NeedMoreError);
    expect(read(long).text(Tag.PatientID)).toBe("X1");
  });

  it("never believes a length beyond the end", () => {
    const bytes = join(part10(picture().slice(0, 3)), element([0x00100010, "PN", "A"], true, true, 0xfff0));
    expect(read(bytes).text(Tag.PatientName)).toBe("");
  });

  it("refuses text, endless nesting and too many elements", () => {
    const item = element([0xfffee000, "", ""], false, true, 0xffffffff);
    const sequence = element([0x00081032, "SQ", ""], true, true, 0xffffffff);
    const nested = join(preamble(EXPLICIT.uid), ...Array.from({ length: 40 }, () => [sequence, item]).flat());
    const many = join(preamble(EXPLICIT.uid), ...Array.from({ length: 20_001 }, () => element([0x00080005, "CS", ""], true, true)));
    expect(() => read(nested)).toThrow(NotDicomError);
    expect(() => read(many)).toThrow(NotDicomError);
    expect(() => read(new TextEncoder().encode("Only some words of a help page."))).toThrow(NotDicomError);
  });

  it.each([
    ["ISO_IR 100", [0x4d, 0xfc, 0x6c, 0x6c], "Müll"],
    ["ISO_IR 144", [0xbb, 0xee], "Лю"],
    ["\\ISO 2022 IR 87", [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42], "山田"],
    ["\\ISO 2022 IR 149", [0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8], "김"],
    ["GB18030", [0xcd, 0xf5], "王"],
    ["ISO_IR 192", [...new TextEncoder().encode("Łê")], "Łê"],
  ])("reads a name under %s", (charset, bytes, name) => {
    const file = part10([[0x00080005, "CS", charset], [0x00100010, "PN", new Uint8Array(bytes)]]);
    expect(read(file).text(Tag.PatientName)).toBe(name);
  });
});

describe("the facts of a header", () => {
  it("takes dates that exist and no others", () => {
    expect(["20260428", "1974.05.03", "20260230", "soon", ""].map(isoDate)).toEqual(["2026-04-28", "1974-05-03", "", "", ""]);
  });

  it("believes a stated NO about burnt-in names, and suspects where nothing is said", () => {
    expect(burntIn("NO", "US", "")).toBe("no");
    expect(burntIn("YES", "CT", "")).toBe("yes");
    expect(burntIn("", "US", "")).toBe("possible");
    expect(burntIn("", "CT", "1.2.840.10008.5.1.4.1.1.7.2")).toBe("possible");
    expect(burntIn("", "CT", "1.2.840.10008.5.1.4.1.1.77.1.4")).toBe("no");
  });
});
