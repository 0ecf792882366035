import { describe, expect, it } from "vitest";

import { answer, firstChoice } from "../../src/uploader/choice";
import type { Facts, Found } from "../../src/uploader/found";
import { review } from "../../src/uploader/group";
import { problems } from "../../src/uploader/review";

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

const input = (...found: Found[]) => ({ review: review(found, HOLDER), left: [], known: NOTHING, organization: false });

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
    const ward = { review: review(found, null), left: [], known: NOTHING, organization: true };
    const choice = firstChoice(ward.review, NOTHING);
    expect(choice.ticked.size).toBe(2);
  });
});
