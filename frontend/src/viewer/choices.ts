// Which other pictures can stand beside these?

import { type Page, seriesAddress, ownAddress } from "./page";

export interface Choice {
  readonly address: string;
  readonly label: string;
  /** The picture to open at, where the server named one. */
  readonly first: string;
}

export function choicesOf(page: Page): Choice[] {
  const here = page.series.map((series) => ({
    address: seriesAddress(page.root, page.study, series.uid),
    label: series.label,
    first: series.first,
  }));
  const elsewhere = page.compare_with.map((other) => ({
    address: seriesAddress(other.root ? ownAddress(other.root) : page.root, other.study, other.series),
    label: other.date ? `${other.label}, ${dayInWords(other.date)}` : other.label,
    first: "",
  }));
  // Other exams first: comparing with before is what most people come for.
  return [...elsewhere, ...here];
}

function dayInWords(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return "";
  const { lang } = document.documentElement;
  // As the rest of the page writes days: 28 April 2026.
  return at.toLocaleDateString(lang && lang !== "en" ? lang : "en-GB", { dateStyle: "long", timeZone: "UTC" });
}

/** Ask which one; undefined when the dialog was closed. */
export function choose(
  choices: readonly Choice[],
  without: string,
): Promise<Choice | undefined> {
  const dialog = document.querySelector<HTMLDialogElement>("#compare")!;
  const list = dialog.querySelector("ul")!;
  const offered = choices.filter((each) => each.address !== without);
  dialog.classList.toggle("none", !offered.length);
  return new Promise((resolve) => {
    let chosen: Choice | undefined;
    list.replaceChildren(
      ...offered.map((choice, at) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "tool";
        button.textContent = choice.label;
        button.autofocus = at === 0;
        button.addEventListener("click", () => {
          chosen = choice;
          dialog.close();
        });
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    dialog.addEventListener("close", () => resolve(chosen), { once: true });
    dialog.showModal();
  });
}
