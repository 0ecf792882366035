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
  return [...here, ...elsewhere];
}

function dayInWords(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return "";
  const { lang } = document.documentElement;
  return at.toLocaleDateString(lang || "en", { dateStyle: "long", timeZone: "UTC" });
}

/** Ask which one; undefined when the dialog was closed. */
export function choose(
  dialog: HTMLDialogElement,
  choices: readonly Choice[],
  without: string,
): Promise<Choice | undefined> {
  const list = dialog.querySelector("ul")!;
  const offered = choices.filter((each) => each.address !== without);
  dialog.classList.toggle("none", !offered.length);
  return new Promise((resolve) => {
    let chosen: Choice | undefined;
    list.replaceChildren(
      ...offered.map((choice) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "tool";
        button.textContent = choice.label;
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
