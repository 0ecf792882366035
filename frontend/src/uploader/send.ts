// U4: how far is it, and what became of each file?
import type { Delivery } from "./choice";
import { h, type Stage } from "./dom";
import type { Found } from "./found";
import type { Review } from "./group";
import type { Mood, Sender } from "./sender";
import { count, day, size, timeLeft } from "./words";

const ANNOUNCE_EVERY_MS = 10_000;
const SPEED_OVER_MS = 8000;

interface Part {
  title: string;
  files: Found[];
}

/** What is sent, by exam. */
export function partsOf(review: Review, going: ReadonlySet<number>): Part[] {
  const parts = review.patients.flatMap((patient) =>
    patient.studies.map((study) => ({
      title: study.date ? `${study.title}, ${day(study.date)}` : study.title,
      files: study.series.flatMap((series) => series.files),
    })),
  );
  if (review.documents.length > 0) parts.push({ title: "Papers and photographs", files: review.documents });
  return parts
    .map(({ title, files }) => ({ title, files: files.filter((file) => going.has(file.index)) }))
    .filter(({ files }) => files.length > 0);
}

const MOODS: Record<Mood, string> = {
  sending: "You may close this page. To go on later, come back and choose the same disc or files again.",
  paused: "Paused. What has arrived is kept.",
  waiting: "No connection just now. We go on by ourselves as soon as there is one.",
  "signed-out": "You are signed out. Sign in again in another tab, then press Go on.",
  full: "There is no room for more just now. What has arrived is kept; try again later.",
  done: "",
};

export interface SendView {
  update(): void;
}

/** Show the sending. Call `update` whenever the sender says that something changed. */
export function showSend(stage: Stage, review: Review, deliveries: readonly Delivery[], sender: () => Sender): SendView {
  const going = new Set(deliveries.flatMap((delivery) => delivery.files.map((file) => file.index)));
  const parts = partsOf(review, going);
  const all = parts.flatMap((part) => part.files);
  const total = all.reduce((sum, file) => sum + file.size, 0) || 1;
  const rows = parts.map((part) => {
    const bar = h("progress", { max: part.files.reduce((sum, file) => sum + file.size, 0) || 1, value: 0, "aria-label": part.title });
    const line = h("p", { class: "small quiet" });
    return { part, bar, line, row: h("li", {}, h("p", {}, h("b", {}, part.title)), bar, line) };
  });
  const line = h("p", { class: "fig" });
  const mood = h("p", { class: "sec" });
  const button = h("button", { class: "btn line", type: "button" }, "Pause");
  button.addEventListener("click", () => {
    const each = sender();
    if (each.mood === "sending") each.pause();
    else each.goOn();
  });
  const marks: { at: number; sent: number }[] = [];
  let last = 0;

  function update(): void {
    const each = sender();
    let sent = 0;
    for (const { part, bar, line: words } of rows) {
      const bytes = part.files.reduce((sum, file) => sum + (each.results.has(file.index) ? file.size : (each.sent.get(file.index) ?? 0)), 0);
      const arrived = part.files.filter((file) => each.results.has(file.index)).length;
      bar.value = bytes;
      words.textContent = `${arrived.toLocaleString("en")} of ${count(part.files.length, "file")} arrived`;
      sent += bytes;
    }
    const now = performance.now();
    marks.push({ at: now, sent });
    while (marks.length > 2 && now - (marks[0]?.at ?? 0) > SPEED_OVER_MS) marks.shift();
    const first = marks[0] ?? { at: now, sent };
    const seconds = (total - sent) / ((sent - first.sent) / ((now - first.at) / 1000));
    const left = each.mood === "sending" && now - first.at > 1000 && sent < total ? timeLeft(seconds) : "";
    line.textContent = `${size(sent)} of ${size(total)} sent${left ? `, ${left}` : ""}`;
    mood.textContent = each.why || MOODS[each.mood];
    button.textContent = each.mood === "sending" ? "Pause" : "Go on";
    if (now - last > ANNOUNCE_EVERY_MS) {
      last = now;
      stage.announce(`${line.textContent}. ${each.mood === "sending" ? "" : mood.textContent}`);
    }
  }

  stage.show(
    "Step 4 of 4",
    `Sending ${count(all.length, "file")}`,
    mood,
    h("div", { class: "card stack" }, line, h("ul", { class: "list sending" }, ...rows.map(({ row }) => row))),
    h("p", { class: "gap-s" }, button),
  );
  return { update };
}
