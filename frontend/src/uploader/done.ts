// What became of everything that was sent?
import type { UploadData } from "./contract";
import { h, type Stage } from "./dom";
import { gather } from "./group";
import type { Result } from "./sender";
import { count } from "./words";

/** A sentence without the tag that only a specialist reads. */
function plain(sentence: string): string {
  return sentence.replace(/ *\([0-9A-F]{4},[0-9A-F]{4}\)/g, "");
}

function list(title: string, results: readonly Result[]): HTMLElement | null {
  if (results.length === 0) return null;
  const bySentence = gather(results, (result) => result.sentence);
  return h(
    "section",
    { class: "sec" },
    h("h2", { class: "h3 sec2" }, title),
    ...[...bySentence].map(([sentence, some]) =>
      h(
        "details",
        { open: some.length <= 10 },
        h("summary", {}, `${count(some.length, "file")}: ${plain(sentence) || "no reason was given."}`),
        h("ul", { class: "paths small" }, ...some.map(({ file }) => h("li", {}, file.path))),
      ),
    ),
  );
}

export interface Outcome {
  results: readonly Result[];
  receipts: readonly string[];
  /** Files that were not sent, because the account holds them. */
  already: number;
}

/** Show an outsider what arrived, and nothing of what was there before. */
function showArrived(stage: Stage, whom: string, { results, receipts }: Outcome): void {
  const refused = results.filter((result) => result.ruling === "refused");
  const safe = results.length - refused.length;
  stage.show(
    "Done",
    refused.length > 0 ? `${count(refused.length, "file")} could not be kept; ${safe.toLocaleString("en")} arrived` : "Everything arrived",
    list("Not kept", refused),
    h("p", { class: "sec" }, safe > 0 ? `${whom} was told, and looks at it before anything becomes of it.` : "Nothing arrived."),
    h("p", { class: "row" }, ...receipts.map((href) => h("a", { class: "btn", href }, stage.icon("file-text"), "Keep the receipt"))),
  );
}

/** Show the receipt of this sending; nothing that was refused is left unnamed. */
export function showDone(stage: Stage, data: UploadData, outcome: Outcome, again: () => void): void {
  if (data.outsider !== null) return showArrived(stage, data.outsider, outcome);
  const { results, receipts, already } = outcome;
  const of = (ruling: Result["ruling"]): Result[] => results.filter((result) => result.ruling === ruling);
  const [stored, duplicate, review, refused] = [of("stored"), of("duplicate"), of("review"), of("refused")];
  const safe = stored.length + duplicate.length;
  const title = refused.length > 0
    ? `We could not save ${count(refused.length, "file")}; ${safe.toLocaleString("en")} ${safe === 1 ? "is" : "are"} safe`
    : review.length > 0
      ? `Everything arrived; ${count(review.length, "file")} ${review.length === 1 ? "waits" : "wait"} for a look`
      : "Everything is safe";
  const fact = (words: string, number: number): HTMLElement[] => [h("dt", {}, words), h("dd", {}, number.toLocaleString("en"))];
  stage.show(
    "Done",
    title,
    h(
      "div",
      { class: "receipt sec" },
      h("h2", {}, stage.icon(refused.length > 0 ? "circle-alert" : "circle-check"), "What became of them"),
      h(
        "dl",
        { class: "facts" },
        ...fact("New", stored.length),
        ...fact("Already here", duplicate.length),
        ...fact("Waiting for a look", review.length),
        ...fact("Not saved", refused.length),
        ...(already > 0 ? fact("Not sent, as it is here", already) : []),
      ),
    ),
    list("Not saved", refused),
    list("Waiting for a look", review),
    h("p", { class: "sec" }, data.holder === null ? "They are in the records of your organization. You can see them, and whom its desk enters as treating the patient." : "Only you can see them, until you let somebody in."),
    h(
      "p",
      { class: "row" },
      h("a", { class: "btn", href: data.endpoints.exams }, stage.icon("layers"), data.holder === null ? "See the exams" : "See my exams"),
      ...receipts.map((href, at) => h("a", { class: "btn line", href }, receipts.length > 1 ? `Receipt ${at + 1}` : "Keep the receipt")),
      h("button", { class: "btn bare", type: "button", onclick: again }, "Add more"),
    ),
  );
}
