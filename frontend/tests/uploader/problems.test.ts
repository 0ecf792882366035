import { describe, expect, it } from "vitest";

import { alreadyHere, answer, deliveries, firstChoice } from "../../src/uploader/choice";
import type { Facts, Found } from "../../src/uploader/found";
import { review } from "../../src/uploader/group";
import { declaration, hasStrangers, problems, strangersSentence, whither } from "../../src/uploader/review";
import { standInIcon } from "../../src/uploader/tree";

const HOLDER = { names: ["Patient Example"], birth_date: null };
const NOTHING = new Set<string>();

function picture(index: number, patientName: string): Found {
  const dicom: Facts = {
    patientName, patientId: "", birthDate: "", studyUid: patientName, seriesUid: "1", sopClass: "", studyDate: "",
    modality: "CT", studyDescription: "", seriesDescription: "", bodyPart: "", place: "", seriesNumber: 1,
    instanceNumber: 1, frames: 1, burntIn: "no",
  };
  return { index, path: `f${index}`, size: 1, kind: "dicom", mark: `m${index}`, dicom };
}

const input = (...found: Found[]) => ({ review: review(found, HOLDER), left: [], known: NOTHING, organization: false, outsider: null });

describe("what must be answered before sending", () => {
  it("asks for the declaration, unticked at first", () => {
    const own = input(picture(0, "Example^Patient"));
    const choice = firstChoice(own.review, NOTHING);
    expect(problems(own, choice).map(({ target }) => target)).toEqual(["attest"]);
    choice.attested = true;
    expect(problems(own, choice)).toEqual([]);
  });

  it("asks whose a stranger's pictures are, before anything else", () => {
    const stranger = input(picture(0, "Other^Person"));
    const choice = firstChoice(stranger.review, NOTHING);
    expect(problems(stranger, choice).map(({ target }) => target)).toEqual(["patient-0-first"]);
    answer(choice, stranger.review.patients[0]!, "leave-out", NOTHING);
    expect(problems(stranger, choice).map(({ words }) => words)).toEqual(["Tick what may go"]);
    answer(choice, stranger.review.patients[0]!, "represented", NOTHING);
    expect(problems(stranger, choice).map(({ target }) => target)).toEqual(["attest"]);
  });

  it("never sends a second person's pictures that were ticked without an answer", () => {
    const mixed = input(picture(0, "Example^Patient"), picture(1, "Other^Person"));
    const choice = firstChoice(mixed.review, NOTHING);
    choice.attested = true;
    expect(problems(mixed, choice)).toEqual([]);
    choice.ticked.add(1);
    expect(problems(mixed, choice).map(({ target }) => target)).toEqual(["patient-1-first"]);
  });

  it("has no strangers where the records are an organization's", () => {
    const found = [picture(0, "Example^Patient"), picture(1, "Other^Person")];
    const ward = { review: review(found, null), left: [], known: NOTHING, organization: true, outsider: null };
    const choice = firstChoice(ward.review, NOTHING);
    expect(choice.ticked.size).toBe(2);
  });

  it("asks an institution why they may come in, and says it with each delivery", () => {
    const ward = { review: review([picture(0, "Example^Patient")], null), left: [], known: NOTHING, organization: true, outsider: null };
    const choice = firstChoice(ward.review, NOTHING);
    expect(problems(ward, choice).map(({ target }) => target)).toEqual(["basis-first", "attest"]);
    choice.basis = "for-treatment";
    expect(problems(ward, choice).map(({ target }) => target)).toEqual(["attest"]);
    expect(deliveries(ward.review, choice)).toMatchObject([{ whose: "patient", otherName: null, basis: "for-treatment" }]);
  });
});

describe("other people on the disc", () => {
  it("are told in one sentence, however many they are", () => {
    expect(strangersSentence(input(picture(0, "Example^Patient")))).toBe("");
    expect(strangersSentence(input(picture(0, "Other^Person")))).toBe("");
    const one = input(picture(0, "Example^Patient"), picture(1, "Other^Person"));
    expect(strangersSentence(one)).toBe("1 of these 2 files seems to belong to someone else.");
    const three = input(picture(0, "Example^Patient"), picture(1, "A^B"), picture(2, "C^D"), picture(3, "E^F"));
    expect(strangersSentence(three)).toBe("3 of these 4 files seem to belong to 3 other people.");
  });

  it("step back only behind files of one's own", () => {
    expect(hasStrangers(input(picture(0, "Example^Patient"), picture(1, "A^B")))).toBe(true);
    expect(hasStrangers(input(picture(0, "A^B"), picture(1, "C^D")))).toBe(false);
  });

  it("do not count as already here while they are left out", () => {
    const known = new Set(["m0", "m1"]);
    const { review: mixed } = input(picture(0, "Example^Patient"), picture(1, "Other^Person"), picture(2, "Example^Patient"));
    const choice = firstChoice(mixed, known);
    expect(alreadyHere(mixed, choice, known)).toBe(1);
    answer(choice, mixed.patients[1]!, "represented", known);
    expect(alreadyHere(mixed, choice, known)).toBe(2);
  });
});

describe("what stands for a series without a small picture", () => {
  it("is a sheet of paper where there never was a picture", () => {
    expect(["ECG", "RTPLAN", "SR", "CT"].map(standInIcon)).toEqual(["file-text", "file-text", "file-text", "image"]);
  });
});

describe("what an outsider with a link reads", () => {
  const outside = { organization: true, outsider: "Example Hospital" };

  it("names who asked, and never an account of one's own", () => {
    expect(whither(outside)).toBe("To Example Hospital, who looks at it first.");
    expect(declaration(outside)).toContain("I may send these to Example Hospital.");
    expect(whither({ organization: false, outsider: null })).toContain("your own account");
  });
});
