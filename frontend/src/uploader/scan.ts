// U2: what is there? Said while it is being read.
import { h, type Stage } from "./dom";
import type { Progress } from "./protocol";
import { count } from "./words";

const ANNOUNCE_EVERY_MS = 5000;

/** Show the reading; the returned function takes each progress. */
export function showScan(stage: Stage, cancel: () => void): (progress: Progress) => void {
  const bar = h("progress", { max: 1, "aria-label": "Reading" });
  const line = h("p", { class: "quiet" }, "Looking for files.");
  const found = h("p", { class: "fig" }, "0 found");
  let last = performance.now();
  stage.show(
    "Step 2 of 4",
    "Reading your files",
    h("p", { class: "sec" }, h("b", {}, "Nothing has left your computer yet.")),
    h("div", { class: "card stack" }, found, bar, line),
    h("p", { class: "gap-s" }, h("button", { class: "btn line", type: "button", onclick: cancel }, "Stop reading")),
  );
  return ({ looked, total, found: number }) => {
    bar.max = total;
    bar.value = looked;
    found.textContent = `${count(number, "picture or document", "pictures and documents")} found`;
    line.textContent = `${looked.toLocaleString("en")} of ${count(total, "file")} read`;
    if (performance.now() - last < ANNOUNCE_EVERY_MS) return;
    last = performance.now();
    stage.announce(`${looked} of ${total} files read.`);
  };
}
