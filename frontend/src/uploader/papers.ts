// How does a person say what a paper or a photograph is?
import type { Declared } from "./contract";
import { h, type Stage } from "./dom";
import type { Found } from "./found";
import { size } from "./words";

const KINDS: Record<string, string> = { pdf: "PDF document", jpeg: "Photograph", png: "Picture" };
const LONGEST_TITLE = 64;

export interface PapersContext {
  stage: Stage;
  ticked: ReadonlySet<number>;
  tick(files: readonly Found[], on: boolean): void;
  declare(file: Found, declared: Declared): void;
  onSync(sync: () => void): void;
}

function paper(context: PapersContext, file: Found): HTMLElement {
  const id = `paper-${file.index}`;
  const tick = h("input", { type: "checkbox", onchange: () => context.tick([file], tick.checked) });
  const title = h("input", { id: `${id}-title`, maxlength: LONGEST_TITLE, autocomplete: "off", oninput: say });
  const date = h("input", { id: `${id}-date`, type: "date", oninput: say });
  const form = h(
    "div",
    { class: "duo" },
    h("div", { class: "field" }, h("label", { for: title.id }, "What is it?"), h("span", { class: "hint" }, "For example: letter from the clinic"), title),
    h("div", { class: "field" }, h("label", { for: date.id }, "Of which day?"), h("span", { class: "hint" }, "If you know it"), date),
  );
  function say(): void {
    context.declare(file, { title: title.value.trim(), study_date: date.value });
  }
  context.onSync(() => {
    tick.checked = context.ticked.has(file.index);
    form.hidden = !tick.checked;
  });
  return h(
    "li",
    {},
    h(
      "label",
      { class: "leaf" },
      tick,
      h("span", { class: "blank paper" }, context.stage.icon(file.kind === "pdf" ? "file-text" : "image")),
      h("span", {}, h("span", { class: "path" }, file.path), h("span", { class: "hint" }, `${KINDS[file.kind] ?? "File"}, ${size(file.size)}`)),
    ),
    form,
  );
}

/** The box of papers and photographs; they become part of the account holder's own records. */
export function papersBox(context: PapersContext, files: readonly Found[], besideExams: boolean): HTMLElement {
  return h(
    "section",
    { class: "group", id: "papers", "aria-labelledby": "papers-name" },
    h(
      "div",
      { class: "cap" },
      context.stage.icon("file-text"),
      h(
        "div",
        {},
        h("h2", { id: "papers-name", class: "h3" }, "Papers and photographs"),
        h("p", { class: "small quiet" }, besideExams ? "These often belong to the viewer program. Tick what is yours." : "Say what each of them is."),
      ),
    ),
    h("ul", { class: "tree papers" }, ...files.map((file) => paper(context, file))),
  );
}
