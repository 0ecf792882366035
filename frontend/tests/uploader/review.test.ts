import { describe, expect, it } from "vitest";

import { answer, deliveries, firstChoice, unanswered, untitled } from "../../src/uploader/choice";
import type { Facts, Found } from "../../src/uploader/found";
import { filesOf, review } from "../../src/uploader/group";
import { day, examTitle, leftSummary, size, timeLeft } from "../../src/uploader/words";

const HOLDER = { names: ["Patient Example"], birth_date: "1974-05-03" };
const NOTHING = new Set<string>();

function facts(overrides: Partial<Facts> = {}): Facts {
  return {
    patientName: "Example^Patient", patientId: "1", birthDate: "1974-05-03", studyUid: "1", seriesUid: "1.1",
    sopClass: "", studyDate: "2026-04-28", modality: "CT", studyDescription: "", seriesDescription: "", bodyPart: "CHEST",
    place: "", seriesNumber: 1, instanceNumber: 1, frames: 1, burntIn: "no", ...overrides,
  };
}

let next = 0;
function found(overrides: Partial<Facts> | null = {}): Found {
  const index = next++;
  return { index, path: `f${index}`, size: 100, kind: overrides ? "dicom" : "pdf", mark: `m${index}`, dicom: overrides ? facts(overrides) : null };
}

describe("grouping", () => {
  it("puts one person together however the name is written, and the holder first", () => {
    const other = { patientName: "Other^Person", birthDate: "1961-01-01", studyUid: "9", seriesUid: "9.1" };
    const { patients } = review([found(other), found(other), found({ patientName: "PATIENT^EXAMPLE" }), found()], HOLDER);
    expect(patients.map(({ own, files }) => [own, files])).toEqual([[true, 2], [false, 2]]);
  });

  it("keeps the same name with another birth date apart", () => {
    expect(review([found(), found({ birthDate: "1975-05-03" })], HOLDER).patients).toHaveLength(2);
  });

  it("orders series by number and pictures by instance number", () => {
    const { patients } = review(
      [found({ seriesUid: "b", seriesNumber: 2 }), found({ instanceNumber: 9 }), found({ instanceNumber: 2 })],
      HOLDER,
    );
    const [study] = patients[0]!.studies;
    expect(study!.series.map((series) => series.files.map((file) => file.dicom!.instanceNumber))).toEqual([[2, 9], [1]]);
  });

  it("keeps papers apart", () => {
    expect(review([found(null), found()], HOLDER).documents).toHaveLength(1);
  });
});

describe("what is ticked", () => {
  const other = { patientName: "Other^Person", birthDate: "1961-01-01" };

  it("leaves a second person on the disc out until somebody answers for them", () => {
    const mixed = review([found(), found(other)], HOLDER);
    const choice = firstChoice(mixed, NOTHING);
    expect(deliveries(mixed, choice).flatMap((delivery) => delivery.files)).toEqual(filesOf(mixed.patients[0]!));
    expect(unanswered(mixed, choice)).toEqual([]);
    choice.ticked.add(filesOf(mixed.patients[1]!)[0]!.index);
    expect(unanswered(mixed, choice)).toEqual([mixed.patients[1]]);
  });

  it("makes a stranger alone be answered for", () => {
    const alone = review([found(other)], HOLDER);
    const choice = firstChoice(alone, NOTHING);
    expect(choice.ticked.size).toBe(0);
    expect(unanswered(alone, choice)).toEqual(alone.patients);
    answer(choice, alone.patients[0]!, "me-under-another-name", NOTHING);
    expect(unanswered(alone, choice)).toEqual([]);
    expect(deliveries(alone, choice)).toMatchObject([{ whose: "mine", otherName: "me-under-another-name" }]);
    answer(choice, alone.patients[0]!, "leave-out", NOTHING);
    expect(deliveries(alone, choice)).toEqual([]);
  });

  it("sends what was declared differently in deliveries of their own", () => {
    const mixed = review([found(), found(other)], HOLDER);
    const choice = firstChoice(mixed, NOTHING);
    answer(choice, mixed.patients[1]!, "represented", NOTHING);
    expect(deliveries(mixed, choice).map(({ whose, otherName, files }) => [whose, otherName, files.length])).toEqual([
      ["mine", null, 1],
      ["represented", "represented", 1],
    ]);
  });

  it("does not tick what is already in the account", () => {
    const file = found();
    const all = review([file, found()], HOLDER);
    expect(firstChoice(all, new Set([file.mark])).ticked.has(file.index)).toBe(false);
  });

  it("ticks a paper alone, not one beside exams, and asks for its title", () => {
    const alone = review([found(null)], HOLDER);
    expect(untitled(alone, firstChoice(alone, NOTHING))).toHaveLength(1);
    const beside = review([found(), found(null)], HOLDER);
    expect(untitled(beside, firstChoice(beside, NOTHING))).toHaveLength(0);
  });
});

describe("plain words", () => {
  it("names an exam by body part and kind", () => {
    expect(examTitle(facts(), ["SR", "CT"])).toBe("Chest CT");
    expect(examTitle(facts({ bodyPart: "", studyDescription: "MRI of the knee" }), ["MR"])).toBe("MRI of the knee");
    expect(examTitle(facts({ bodyPart: "", modality: "US" }), ["US"])).toBe("Ultrasound");
  });

  it("says sizes, days and times", () => {
    expect([size(10), size(119_400_000), size(2_300_000_000)]).toEqual(["under 1 MB", "119 MB", "2.3 GB"]);
    expect([day("2026-04-28"), day("")]).toEqual(["28 April 2026", "no date"]);
    expect([timeLeft(20), timeLeft(61), timeLeft(7300), timeLeft(Infinity)]).toEqual(["less than a minute left", "about 1 minute left", "about 2 hours left", ""]);
    expect(leftSummary(["program", "page", "program"])).toBe("3 other files (2 parts of a viewer program, 1 text or help page)");
  });
});
