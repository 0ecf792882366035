// How is one person's part of the review drawn: exams, series, ticks and warnings?
import type { Answer } from "./choice";
import { h, type Stage } from "./dom";
import type { Found } from "./found";
import { filesOf, type Patient, type Series, type Study } from "./group";
import { count, day, personLine, size } from "./words";

/** What the tree asks of the review. `sync` functions are called after every change. */
export interface TreeContext {
  stage: Stage;
  known: ReadonlySet<string>;
  ticked: ReadonlySet<number>;
  tick(files: readonly Found[], on: boolean): void;
  answer(patient: Patient, said: Exclude<Answer, null>): void;
  answerOf(patient: Patient): Answer;
  cover(index: number): Promise<ImageBitmap | null>;
  onSync(sync: () => void): void;
}

function badge(stage: Stage, icon: string, words: string, kind = ""): HTMLElement {
  return h("span", { class: `badge ${kind}`.trim() }, stage.icon(icon), words);
}

/** Kinds that hold no picture at all, whatever the transfer syntax. */
const WITHOUT_PICTURE = new Set(["AU", "DOC", "ECG", "EEG", "HD", "KO", "PLAN", "PR", "REG", "RTPLAN", "RTRECORD", "RTSTRUCT", "SR"]);

/** What stands where no small picture can be drawn in this browser. */
export function standInIcon(modality: string): string {
  return WITHOUT_PICTURE.has(modality) ? "file-text" : "image";
}

function thumbnail(context: TreeContext, series: Series): HTMLCanvasElement {
  const canvas = h("canvas", { class: "blank", width: 112, height: 88, "aria-hidden": "true" });
  const draw = async (): Promise<void> => {
    const picture = await context.cover(series.cover.index);
    if (!picture) return canvas.replaceWith(h("span", { class: "blank paper" }, context.stage.icon(standInIcon(series.modality))));
    const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d")?.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    picture.close();
  };
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    void draw();
  });
  seen.observe(canvas);
  return canvas;
}

/** A tick over some files: on, off, or in between. */
function tickOf(context: TreeContext, files: readonly Found[], label: string | null): HTMLInputElement {
  const fresh = files.filter((file) => !context.known.has(file.mark));
  const input = h("input", {
    type: "checkbox",
    "aria-label": label,
    disabled: fresh.length === 0,
    onchange: () => context.tick(fresh, input.checked),
  });
  context.onSync(() => {
    const on = fresh.filter((file) => context.ticked.has(file.index)).length;
    input.checked = on > 0;
    input.indeterminate = on > 0 && on < fresh.length;
  });
  return input;
}

function knownIn(context: TreeContext, files: readonly Found[]): number {
  return files.filter((file) => context.known.has(file.mark)).length;
}

function leaf(context: TreeContext, study: Study, series: Series): HTMLElement {
  const known = knownIn(context, series.files);
  const frames = series.files.reduce((sum, file) => sum + (file.dicom?.frames ?? 1), 0);
  const pictures = frames > series.files.length ? `, ${count(frames, "picture")} in them` : "";
  const all = known === series.files.length;
  return h(
    "li",
    {},
    h(
      "label",
      { class: "leaf" },
      tickOf(context, series.files, null),
      thumbnail(context, series),
      h(
        "span",
        {},
        h("span", {}, `${series.title} `),
        known > 0 && badge(context.stage, "copy", all ? "already here" : `${known.toLocaleString("en")} already here`),
        series.burntIn && badge(context.stage, "scroll-text", "may show a name"),
        h("span", { class: "hint" }, `${day(study.date)}, ${count(series.files.length, "file")}${pictures}, ${size(series.bytes)}`),
      ),
    ),
  );
}

const ANSWERS: { said: Exclude<Answer, null>; words: string }[] = [
  { said: "me-under-another-name", words: "This is me, under another name or with a wrong date" },
  { said: "represented", words: "This is someone I represent, such as my child" },
  { said: "leave-out", words: "Leave them out" },
];

function whoIsThis(context: TreeContext, patient: Patient, id: string): HTMLElement {
  const radios = ANSWERS.map(({ said, words }, at) => {
    const radio = h("input", {
      type: "radio",
      name: id,
      id: at === 0 ? `${id}-first` : null,
      onchange: () => context.answer(patient, said),
    });
    context.onSync(() => (radio.checked = context.answerOf(patient) === said));
    return h("label", { class: "tick" }, radio, words);
  });
  return h("fieldset", { class: "whose" }, h("legend", { class: "label" }, "Whose are these?"), ...radios);
}

/** Why a patient does not count as the account holder, in one sentence. */
export function whyNotYou(patient: Patient): string {
  const { name, birth } = patient.relation;
  if (name === "missing") return "These files carry no name.";
  if (name === "differs" && birth === "differs") return "Neither the name nor the birth date is yours.";
  if (name === "differs") return "The name is not the one of your account.";
  return "The birth date is not the one of your account.";
}

/** One person's box. */
export function patientBox(context: TreeContext, patient: Patient, at: number): HTMLElement {
  const id = `patient-${at}`;
  const files = filesOf(patient);
  const state = h("p", { class: "small quiet" });
  context.onSync(() => {
    const on = files.filter((file) => context.ticked.has(file.index)).length;
    const going = on === 0 ? "left out" : on === files.length ? "all ticked" : `${on.toLocaleString("en")} ticked`;
    const who = patient.relation.name === "unknown" ? "" : patient.own ? "That is you. " : `${whyNotYou(patient)} `;
    state.textContent = `${who}${count(files.length, "file")}, ${size(patient.bytes)}, ${going}.`;
  });
  return h(
    "section",
    { class: patient.own ? "group" : "group flag", id, tabindex: "-1", "aria-labelledby": `${id}-name` },
    h(
      "div",
      { class: "cap" },
      context.stage.icon(patient.own ? "user-check" : "user-x"),
      h("div", {}, h("h2", { id: `${id}-name`, class: "h3" }, personLine(patient.name, patient.birthDate)), state),
      h("label", { class: "tick end" }, tickOf(context, files, null), "All of it"),
    ),
    patient.own ? null : whoIsThis(context, patient, id),
    h(
      "ul",
      { class: "tree" },
      ...patient.studies.map((study) =>
        h(
          "li",
          {},
          h(
            "p",
            { class: "exam" },
            h("b", {}, study.title),
            h("span", { class: "hint" }, [day(study.date), study.place].filter((words) => words !== "").join(", ")),
          ),
          h("ul", {}, ...study.series.map((series) => leaf(context, study, series))),
        ),
      ),
    ),
  );
}
