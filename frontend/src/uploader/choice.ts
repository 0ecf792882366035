// Which of the found files go, under which declaration, and what must still be answered?
import type { Basis, Declared, OtherName, Whose } from "./contract";
import type { Found } from "./found";
import type { Patient, Review } from "./group";
import { filesOf } from "./group";

export type Answer = "me" | "me-under-another-name" | "represented" | "leave-out" | null;

export interface Choice {
  /** Marks of the files that are ticked. */
  ticked: Set<number>;
  /** For each patient that is not the account holder: who they are. */
  answers: Map<string, Answer>;
  titles: Map<number, Declared>;
  attested: boolean;
  /** On what an institution rests; null while nobody has said, and for a person's own. */
  basis: Basis | null;
}

/** One delivery: files that go under one declaration. */
export interface Delivery {
  whose: Whose;
  otherName: OtherName;
  basis?: Basis;
  files: Found[];
}

/**
 * What is ticked at first: the holder's own and new pictures. Somebody else on a disc with
 * the holder is left out; a stranger alone must be answered for.
 */
export function firstChoice(review: Review, known: ReadonlySet<string>): Choice {
  const several = review.patients.length > 1;
  const ticked = new Set<number>();
  const answers = new Map<string, Answer>();
  for (const patient of review.patients) {
    answers.set(patient.key, patient.own ? "me" : several ? "leave-out" : null);
    if (!patient.own) continue;
    for (const file of filesOf(patient)) if (!known.has(file.mark)) ticked.add(file.index);
  }
  // Beside exams, a loose paper or picture is mostly the viewer's help page or logo.
  if (review.patients.length === 0) for (const file of review.documents) ticked.add(file.index);
  return { ticked, answers, titles: new Map(), attested: false, basis: null };
}

/** Answer for a patient: leaving out unticks, anything else ticks what is new. */
export function answer(
  choice: Choice,
  patient: Patient,
  said: Exclude<Answer, null>,
  known: ReadonlySet<string>,
): void {
  choice.answers.set(patient.key, said);
  for (const file of filesOf(patient)) {
    if (said !== "leave-out" && !known.has(file.mark)) choice.ticked.add(file.index);
    else choice.ticked.delete(file.index);
  }
}

/** Files that would go if the account did not hold them: those of people left out are none. */
export function alreadyHere(review: Review, choice: Choice, known: ReadonlySet<string>): number {
  const meant = review.patients.filter((patient) => (choice.answers.get(patient.key) ?? "leave-out") !== "leave-out");
  return meant.flatMap(filesOf).filter((file) => known.has(file.mark) && !choice.ticked.has(file.index)).length;
}

/** Patients that must be answered for before anything can be sent. */
export function unanswered(review: Review, choice: Choice): Patient[] {
  return review.patients.filter((patient) => {
    const said = choice.answers.get(patient.key) ?? null;
    if (said === null) return true;
    return said === "leave-out" && filesOf(patient).some((file) => choice.ticked.has(file.index));
  });
}

/** Documents that are ticked and still have no title. */
export function untitled(review: Review, choice: Choice): Found[] {
  return review.documents.filter(
    (file) => choice.ticked.has(file.index) && !choice.titles.get(file.index)?.title.trim(),
  );
}

const DECLARATIONS: Record<Exclude<Answer, "leave-out" | null>, Pick<Delivery, "whose" | "otherName">> = {
  me: { whose: "mine", otherName: null },
  "me-under-another-name": { whose: "mine", otherName: "me-under-another-name" },
  represented: { whose: "represented", otherName: "represented" },
};

/** Split what is ticked into deliveries: one for each declaration made. */
export function deliveries(review: Review, choice: Choice): Delivery[] {
  const made = new Map<string, Delivery>();
  const add = (said: keyof typeof DECLARATIONS, files: Found[]): void => {
    const going = files.filter((file) => choice.ticked.has(file.index));
    if (going.length === 0) return;
    const delivery = made.get(said) ?? { ...DECLARATIONS[said], files: [] };
    delivery.files.push(...going);
    made.set(said, delivery);
  };
  for (const patient of review.patients) {
    const said = choice.answers.get(patient.key) ?? null;
    if (said !== null && said !== "leave-out") add(said, filesOf(patient));
  }
  add("me", review.documents);
  const { basis } = choice;
  if (basis === null) return [...made.values()];
  return [...made.values()].map(({ files }) => ({ whose: "patient", otherName: null, basis, files }));
}
