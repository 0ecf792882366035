// U3: what may go? Nothing is sent before this page has been answered.
import { answer, deliveries, firstChoice, unanswered, untitled, type Choice, type Delivery } from "./choice";
import { h, type Stage } from "./dom";
import type { Found, Left } from "./found";
import { filesOf, type Review } from "./group";
import { papersBox } from "./papers";
import { patientBox, type TreeContext } from "./tree";
import { count, leftSummary, personLine, size, whyLeft } from "./words";

export interface ReviewActions {
  send(deliveries: Delivery[], choice: Choice): void;
  again(left: readonly Left[]): void;
  back(): void;
  cover(index: number): Promise<ImageBitmap | null>;
}

export interface ReviewInput {
  review: Review;
  left: readonly Left[];
  /** Marks of what the account holds already; null when the server could not be asked. */
  known: ReadonlySet<string> | null;
  /** The account is an organization's: its records are of many people. */
  organization: boolean;
}

function leftOut(input: ReviewInput, actions: ReviewActions): HTMLElement | null {
  if (input.left.length === 0) return null;
  const unreadable = input.left.filter((left) => left.why === "unreadable");
  return h(
    "details",
    { class: "gap-s" },
    h("summary", {}, `Left out: ${count(input.left.length, "other file")}`),
    unreadable.length > 0 &&
      h(
        "p",
        {},
        `${count(unreadable.length, "file")} could not be read. Clean the disc and try again. `,
        h("button", { class: "btn line", type: "button", onclick: () => actions.again(unreadable) }, "Try to read them again"),
      ),
    h("ul", { class: "paths small" }, ...input.left.slice(0, 500).map((left) => h("li", {}, `${left.path}: ${whyLeft(left.why)}`))),
  );
}

function othersNote(stage: Stage, { review }: ReviewInput): HTMLElement[] {
  const total = review.patients.reduce((sum, patient) => sum + patient.files, 0);
  if (review.patients.length < 2) return [];
  return review.patients.flatMap((patient, at) =>
    patient.own
      ? []
      : h(
          "div",
          { class: "note bad sec" },
          stage.icon("user-x"),
          h(
            "div",
            {},
            h("p", {}, h("b", {}, `${patient.files.toLocaleString("en")} of these ${count(total, "file")} ${patient.files === 1 ? "seems" : "seem"} to belong to someone else: ${personLine(patient.name, patient.birthDate)}.`)),
            h("p", {}, "They are left out unless you say whose they are. A disc can be burnt with the wrong file on it; the hospital that made it will want to know."),
            h("p", {}, h("a", { href: `#patient-${at}` }, `Show ${patient.files === 1 ? "it" : "them"}`)),
          ),
        ),
  );
}

function burntInNote(stage: Stage, { review }: ReviewInput): HTMLElement | null {
  const some = review.patients.some((patient) => patient.studies.some((study) => study.series.some((series) => series.burntIn)));
  return some
    ? h("div", { class: "note sec" }, stage.icon("scroll-text"), h("div", {}, h("p", {}, h("b", {}, "Some pictures may show a name in the picture itself."), " Ultrasound and captured screens often do. Only you will see them; think of it before you share them.")))
    : null;
}

/** What must be answered before sending, each with where to answer it. */
export function problems(input: ReviewInput, choice: Choice): { words: string; target: string }[] {
  const found = unanswered(input.review, choice).map((patient) => ({
    words: `Say whose the files of ${patient.name || "the person without a name"} are, or leave them out`,
    target: `patient-${input.review.patients.indexOf(patient)}-first`,
  }));
  for (const file of untitled(input.review, choice)) found.push({ words: `Say what ${file.path} is`, target: `paper-${file.index}-title` });
  if (choice.ticked.size > 0 && !choice.attested) found.push({ words: "Confirm that you may add these", target: "attest" });
  if (choice.ticked.size === 0 && found.length === 0) found.push({ words: "Tick what may go", target: input.review.patients.length > 0 ? "patient-0" : "papers" });
  return found;
}

function intro(input: ReviewInput, known: ReadonlySet<string>): HTMLElement {
  const pictures = input.review.patients.reduce((sum, patient) => sum + patient.files, 0);
  const read = [
    pictures > 0 ? count(pictures, "medical file") : "",
    input.review.documents.length > 0 ? count(input.review.documents.length, "paper or photograph", "papers and photographs") : "",
  ].filter((words) => words !== "").join(" and ");
  const left = input.left.length > 0 ? ` and left out ${leftSummary(input.left.map((each) => each.why))}` : "";
  const asked = known.size > 0 ? " To learn which ones are already here, we compared fingerprints of their numbers, nothing else." : "";
  return h("p", { class: "measure sec" }, h("b", {}, "No picture and no name has left your computer yet."), ` We read ${read}${left}.${asked}`);
}

/** Show the review. */
export function showReview(stage: Stage, input: ReviewInput, actions: ReviewActions): void {
  const known = input.known ?? new Set<string>();
  const choice = firstChoice(input.review, known);
  const syncs: (() => void)[] = [];
  const sync = (): void => syncs.forEach((each) => each());
  const tick = (files: readonly Found[], on: boolean): void => {
    for (const file of files) if (on) choice.ticked.add(file.index); else choice.ticked.delete(file.index);
    sync();
  };
  const context: TreeContext = {
    stage,
    known,
    ticked: choice.ticked,
    tick,
    answer: (patient, said) => {
      answer(choice, patient, said, known);
      sync();
    },
    answerOf: (patient) => choice.answers.get(patient.key) ?? null,
    cover: actions.cover,
    onSync: (each) => syncs.push(each),
  };
  const attest = h("input", { type: "checkbox", id: "attest", onchange: () => (choice.attested = attest.checked) });
  const errors = h("div", { class: "errors sec", role: "alert", tabindex: "-1", hidden: true });
  const sum = h("b");
  const aside = h("p", { class: "small quiet" });
  const button = h("button", { class: "btn", type: "button", onclick: submit });
  const all = [...input.review.patients.flatMap(filesOf), ...input.review.documents];
  const knownFiles = all.filter((file) => known.has(file.mark)).length;
  syncs.push(() => {
    const going = all.filter((file) => choice.ticked.has(file.index));
    const bytes = going.reduce((total, file) => total + file.size, 0);
    sum.textContent = going.length === 0 ? "Nothing is ticked yet" : `${count(going.length, "new file")}, ${size(bytes)}`;
    const here = knownFiles > 0 ? `${knownFiles.toLocaleString("en")} ${knownFiles === 1 ? "is" : "are"} already here and ${knownFiles === 1 ? "stays as it is" : "stay as they are"}. ` : "";
    aside.textContent = `${here}${input.organization ? "To the records of your organization." : "To your own account. Only you will see them."}`;
    button.replaceChildren(stage.icon("upload"), going.length === 0 ? "Send" : `Send ${count(going.length, "file")}`);
  });

  function submit(): void {
    const open = problems(input, choice);
    if (open.length === 0) return actions.send(deliveries(input.review, choice), choice);
    errors.replaceChildren(
      h("h2", { class: "h3" }, "Before this can go"),
      h("ul", {}, ...open.map(({ words, target }) => h("li", {}, h("a", {
        href: `#${target}`,
        onclick: (event: Event) => {
          event.preventDefault();
          const there = document.getElementById(target);
          there?.scrollIntoView({ block: "center" });
          there?.focus();
        },
      }, words)))),
    );
    errors.hidden = false;
    errors.focus();
  }

  const everythingKnown = all.length > 0 && knownFiles === all.length;
  stage.show(
    "Step 3 of 4",
    "Check what is here",
    intro(input, known),
    errors,
    everythingKnown && h("div", { class: "note good sec" }, stage.icon("circle-check"), h("div", {}, h("p", {}, h("b", {}, "All of these are already in your account."), " There is nothing to send."))),
    ...othersNote(stage, input),
    burntInNote(stage, input),
    ...input.review.patients.map((patient, at) => patientBox(context, patient, at)),
    input.review.documents.length > 0 &&
      papersBox({ stage, ticked: choice.ticked, tick, declare: (file, declared) => choice.titles.set(file.index, declared), onSync: context.onSync }, input.review.documents, input.review.patients.length > 0),
    leftOut(input, actions),
    h(
      "div",
      { class: "sendbar card stack" },
      h("label", { class: "tick attest" }, attest, h("span", {}, `These are ${input.organization ? "of patients of my organization" : "mine, or of someone I may act for"}. As far as I know they are right, complete and belong here.`)),
      h(
        "div",
        { class: "row between" },
        h("div", {}, sum, aside),
        h("div", { class: "row" }, h("button", { class: "btn bare", type: "button", onclick: actions.back }, "Choose something else"), button),
      ),
    ),
  );
  sync();
}
