// U3: what may go? Nothing is sent before this page has been answered.
import { alreadyHere, answer, deliveries, firstChoice, unanswered, untitled, type Choice, type Delivery } from "./choice";
import { h, type Stage } from "./dom";
import type { Basis } from "./contract";
import type { Found, Left } from "./found";
import { filesOf, type Patient, type Review } from "./group";
import { papersBox } from "./papers";
import { patientBox, type TreeContext } from "./tree";
import { count, leftSummary, personLine, size, whyLeft } from "./words";

export interface ReviewActions {
  /** `already` files of theirs stay behind because the account holds them. */
  send(deliveries: Delivery[], choice: Choice, already: number): void;
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
  /** Who asked, where an outsider sends by a link. */
  outsider: string | null;
}

/** Where does it go, and who will see it? */
export function whither({ organization, outsider }: Pick<ReviewInput, "organization" | "outsider">): string {
  if (outsider !== null) return `To ${outsider}, who looks at it first.`;
  return organization ? "To the records of your organization." : "To your own account. Only you will see them.";
}

/** What is declared by sending. */
export function declaration({ organization, outsider }: Pick<ReviewInput, "organization" | "outsider">): string {
  if (outsider !== null) return `I may send these to ${outsider}. As far as I know they are right, complete and belong there.`;
  return `These are ${organization ? "of patients of my organization" : "mine, or of someone I may act for"}. As far as I know they are right, complete and belong here.`;
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

/** Does this disc hold somebody else's files beside the holder's own? Then those step back. */
export function hasStrangers({ review }: ReviewInput): boolean {
  return review.patients.some((patient) => patient.own) && review.patients.some((patient) => !patient.own);
}

/** One sentence for all the people on a disc who are not the account holder; empty for none. */
export function strangersSentence({ review }: ReviewInput): string {
  const others = review.patients.filter((patient) => !patient.own);
  if (review.patients.length < 2 || others.length === 0) return "";
  const total = review.patients.reduce((sum, patient) => sum + patient.files, 0);
  const theirs = others.reduce((sum, patient) => sum + patient.files, 0);
  const whose = others.length === 1 ? "someone else" : `${others.length.toLocaleString("en")} other people`;
  return `${theirs.toLocaleString("en")} of these ${count(total, "file")} ${theirs === 1 ? "seems" : "seem"} to belong to ${whose}.`;
}

function othersNote(stage: Stage, input: ReviewInput): HTMLElement | null {
  const sentence = strangersSentence(input);
  if (sentence === "") return null;
  const others = [...input.review.patients.entries()].filter(([, patient]) => !patient.own);
  const one = others.length === 1 && others[0]?.[1].files === 1;
  return h(
    "div",
    { class: "note bad sec" },
    stage.icon("user-x"),
    h(
      "div",
      {},
      h("p", {}, h("b", {}, sentence)),
      h("ul", { class: "strangers" }, ...others.map(([at, patient]) => h("li", {}, h("a", {
        href: `#patient-${at}`,
        onclick: (event: Event) => {
          event.preventDefault();
          goTo(`patient-${at}`);
        },
      }, personLine(patient.name, patient.birthDate)), `: ${count(patient.files, "file")}`))),
      h("p", {}, `${one ? "It is" : "They are"} left out unless you say whose ${one ? "it is" : "they are"}. A disc can be burnt with the wrong file on it; the hospital that made it will want to know.`),
    ),
  );
}

/** Go to a part of the page, opening whatever is folded around it. */
function goTo(id: string): void {
  const there = document.getElementById(id);
  for (let fold = there?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  there?.scrollIntoView({ block: id.startsWith("patient-") && !id.endsWith("-first") ? "start" : "center" });
  there?.focus();
}

function burntInNote(stage: Stage, input: ReviewInput): HTMLElement | null {
  const meant = input.review.patients.filter((patient) => patient.own || !hasStrangers(input));
  const some = meant.some((patient) => patient.studies.some((study) => study.series.some((series) => series.burntIn)));
  return some
    ? h("div", { class: "note sec" }, stage.icon("scroll-text"), h("div", {}, h("p", {}, h("b", {}, "Some pictures may show a name in the picture itself."), ` Ultrasound and captured screens often do. ${input.outsider === null ? "Only you will see them; think of it before you share them." : "Look before you send them."}`)))
    : null;
}

/** What must be answered before sending, each with where to answer it. */
export function problems(input: ReviewInput, choice: Choice): { words: string; target: string }[] {
  const found = unanswered(input.review, choice).map((patient) => ({
    words: `Say whose the files of ${patient.name || "the person without a name"} are, or leave them out`,
    target: `patient-${input.review.patients.indexOf(patient)}-first`,
  }));
  for (const file of untitled(input.review, choice)) found.push({ words: `Say what ${file.path} is`, target: `paper-${file.index}-title` });
  if (input.organization && choice.ticked.size > 0 && choice.basis === null) found.push({ words: "Say why they may come in", target: "basis-first" });
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

const BASES: { basis: Basis; words: string }[] = [
  { basis: "brought-by-patient", words: "The patient, or who acts for them, handed them over" },
  { basis: "for-treatment", words: "Whoever treats them elsewhere sent them for the treatment here" },
  { basis: "agreed-on-paper", words: "The patient agreed on paper, and we keep the paper" },
];

/** Ask an institution on what it rests; nothing is chosen for anybody. */
function whyHere(choose: (basis: Basis) => void): HTMLElement {
  const radios = BASES.map(({ basis, words }, at) =>
    h("label", { class: "tick" }, h("input", { type: "radio", name: "basis", id: at === 0 ? "basis-first" : null, onchange: () => choose(basis) }), words),
  );
  return h("fieldset", { class: "whose" }, h("legend", { class: "label" }, "Why may they come in? The patient reads it with the exam."), ...radios);
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
  const attest = h("input", {
    type: "checkbox",
    id: "attest",
    onchange: () => {
      choice.attested = attest.checked;
      sync();
    },
  });
  const why = h("p", { class: "why", id: "attest-why", hidden: true }, "Please tick this first.");
  const errors = h("div", { class: "errors", role: "alert", tabindex: "-1", hidden: true });
  const sum = h("b");
  const aside = h("p", { class: "small quiet" });
  const button = h("button", { class: "btn", type: "button", onclick: submit });
  const all = [...input.review.patients.flatMap(filesOf), ...input.review.documents];
  const knownFiles = all.filter((file) => known.has(file.mark)).length;
  const told = (): void => {
    const open = problems(input, choice);
    if (open.length === 0) errors.hidden = true;
    if (choice.attested) markAttest(false);
  };
  const markAttest = (missing: boolean): void => {
    why.hidden = !missing;
    if (missing) attest.setAttribute("aria-invalid", "true");
    else attest.removeAttribute("aria-invalid");
  };
  syncs.push(told, () => {
    const going = all.filter((file) => choice.ticked.has(file.index));
    const bytes = going.reduce((total, file) => total + file.size, 0);
    sum.textContent = going.length === 0 ? "Nothing is ticked yet" : `${count(going.length, "new file")}, ${size(bytes)}`;
    const kept = alreadyHere(input.review, choice, known);
    const here = kept > 0 ? `${kept.toLocaleString("en")} ${kept === 1 ? "is already here and is" : "are already here and are"} not sent again. ` : "";
    aside.textContent = `${here}${whither(input)}`;
    button.replaceChildren(stage.icon("upload"), going.length === 0 ? "Send" : `Send ${count(going.length, "file")}`);
  });

  function submit(): void {
    const open = problems(input, choice);
    if (open.length === 0) return actions.send(deliveries(input.review, choice), choice, alreadyHere(input.review, choice, known));
    errors.replaceChildren(
      h("h2", { class: "h3" }, "Before this can go"),
      h("ul", {}, ...open.map(({ words, target }) => h("li", {}, h("a", {
        href: `#${target}`,
        onclick: (event: Event) => {
          event.preventDefault();
          goTo(target);
        },
      }, words)))),
    );
    errors.hidden = false;
    markAttest(open.some(({ target }) => target === attest.id));
    // The tick stands right below the list: with nothing else to do, go there.
    if (open.length === 1 && open[0]?.target === attest.id) attest.focus();
    else errors.focus();
  }

  attest.setAttribute("aria-describedby", why.id);
  const boxes = input.review.patients.map((patient, at): [Patient, HTMLElement] => [patient, patientBox(context, patient, at)]);
  const everythingKnown = all.length > 0 && knownFiles === all.length;
  stage.show(
    "Step 3 of 4",
    "Check what is here",
    intro(input, known),
    everythingKnown && h("div", { class: "note good sec" }, stage.icon("circle-check"), h("div", {}, h("p", {}, h("b", {}, "All of these are already in your account."), " There is nothing to send."))),
    othersNote(stage, input),
    burntInNote(stage, input),
    ...boxes.filter(([patient]) => patient.own || !hasStrangers(input)).map(([, box]) => box),
    input.review.documents.length > 0 &&
      papersBox({ stage, ticked: choice.ticked, tick, declare: (file, declared) => choice.titles.set(file.index, declared), onSync: context.onSync }, input.review.documents, input.review.patients.length > 0),
    hasStrangers(input) &&
      h(
        "details",
        { class: "others gap-s" },
        h("summary", {}, "Files of other people, left out for now"),
        ...boxes.filter(([patient]) => !patient.own).map(([, box]) => box),
      ),
    leftOut(input, actions),
    h(
      "div",
      { class: "sendbar card stack" },
      errors,
      input.organization &&
        whyHere((basis) => {
          choice.basis = basis;
          sync();
        }),
      h("label", { class: "tick attest" }, attest, h("span", {}, declaration(input))),
      why,
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
