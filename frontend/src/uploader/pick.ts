// U1: where are the pictures?
import type { Unfinished, UploadData } from "./contract";
import { h, type Stage } from "./dom";
import { dropped, picked } from "./drop";
import type { Picked } from "./protocol";
import { count, moment } from "./words";

interface Way {
  icon: string;
  title: string;
  hint: string;
  attributes: Record<string, string | boolean>;
}

const FOLDER: Way = {
  icon: "disc-3",
  title: "A CD, DVD or folder",
  hint: "Choose the disc or the folder itself. We find the pictures in it.",
  attributes: { webkitdirectory: true, multiple: true },
};
const FILES: Way = {
  icon: "files",
  title: "Files",
  hint: "Pictures, a report as PDF, or a photograph (JPEG, PNG).",
  attributes: { multiple: true },
};
const ZIP: Way = {
  icon: "file-archive",
  title: "A zip file or a disc image",
  hint: "As many hospitals send by download (.zip, .iso). No need to unpack it.",
  attributes: { accept: ".zip,application/zip,.iso,.img" },
};

function way(stage: Stage, { icon, title, hint, attributes }: Way, take: (picked: Picked[]) => void): HTMLElement {
  const input = h("input", {
    type: "file",
    class: "vh",
    ...attributes,
    onchange: () => {
      if (input.files?.length) take(picked(input));
    },
  });
  return h(
    "label",
    { class: "choice way" },
    input,
    stage.icon(icon),
    h("span", {}, h("span", {}, title), h("span", { class: "hint" }, hint)),
  );
}

function dropZone(stage: Stage, take: (picked: Picked[]) => void): HTMLElement {
  const zone = h(
    "div",
    { class: "drop" },
    stage.icon("upload"),
    h("p", {}, "Or drag a disc, folder, zip, disc image or files to here"),
  );
  const over = (event: Event): void => {
    event.preventDefault();
    zone.classList.toggle("over", event.type === "dragover");
  };
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", over);
  zone.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer) void dropped(event.dataTransfer).then((found) => found.length > 0 && take(found));
  });
  return zone;
}

function resumeNote(stage: Stage, unfinished: readonly Unfinished[], forget: (batch: Unfinished) => void): HTMLElement[] {
  return unfinished.map((batch) => {
    const note = h(
      "div",
      { class: "note sec" },
      stage.icon("history"),
      h(
        "div",
        {},
        h(
          "p",
          {},
          h("b", {}, `You began to send ${count(batch.files, "file")} on ${moment(batch.started_at)}. `),
          `${batch.decided.toLocaleString("en")} arrived.`,
        ),
        h("p", {}, "Choose the same disc, folder or files again: we go on where it stopped."),
        h("p", {}, h("button", {
          class: "btn bare",
          type: "button",
          onclick: () => {
            forget(batch);
            note.remove();
            stage.announce("Forgotten. What had arrived is kept.");
          },
        }, "Forget the rest of it")),
      ),
    );
    return note;
  });
}

export interface PickActions {
  take(picked: Picked[]): void;
  forget(batch: Unfinished): void;
}

/** Show the ways in. `problem` says why the last try found nothing. */
export function showPick(
  stage: Stage,
  data: UploadData,
  unfinished: readonly Unfinished[],
  actions: PickActions,
  problem = "",
): void {
  const folders = "webkitdirectory" in document.createElement("input") && !matchMedia("(pointer: coarse)").matches;
  stage.show(
    "Step 1 of 4",
    data.outsider === null ? "Add images" : `Send images to ${data.outsider}`,
    problem !== "" && h("div", { class: "note bad sec", role: "alert" }, stage.icon("circle-alert"), h("div", {}, h("p", {}, problem))),
    ...resumeNote(stage, unfinished, actions.forget),
    h("p", { class: "measure sec" }, "First we read the pictures on this computer and show you what there is. Nothing is sent before you have said what may go."),
    h("div", { class: "ways" }, ...(folders ? [FOLDER, ZIP, FILES] : [ZIP, FILES]).map((each) => way(stage, each, actions.take))),
    folders && dropZone(stage, actions.take),
    data.outsider === null && h("p", { class: "gap-s" }, h("a", { href: data.endpoints.exams }, "Stop and go to my exams")),
  );
}
