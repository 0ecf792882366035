// How do the buttons, sliders and dialogs of the page meet the desk?

import { type Action, isAction } from "./actions";
import { FASTEST, SLOWEST } from "./cine";
import type { Mode } from "./gestures";
import type { Picture } from "./pictures";
import { type Look, isUntouched } from "./shade";
import { type Words, fill } from "./words";

function byId<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found as T;
}

/** What the tools show about the desk. */
export interface Shown {
  readonly index: number;
  readonly total: number;
  readonly picture: Picture | undefined;
  readonly look: Look;
  readonly mode: Mode;
  readonly playing: boolean;
  readonly pace: number;
  readonly starred: boolean;
  readonly starsAt: readonly number[];
  readonly two: boolean;
  readonly linked: boolean;
  readonly text: boolean;
  readonly name: boolean;
}

export interface Wishes {
  act(action: Action): void;
  goTo(index: number): void;
  touch(brightness: number, contrast: number): void;
  pace(perSecond: number): void;
}

export class Tools {
  readonly #slider = byId<HTMLInputElement>("n");
  readonly #output = byId<HTMLOutputElement>("n-of");
  readonly #stars = byId("stars");
  readonly #light = byId("light");
  readonly #brightness = byId<HTMLInputElement>("brightness");
  readonly #contrast = byId<HTMLInputElement>("contrast");
  readonly #playing = byId("playing");
  readonly #pace = byId<HTMLInputElement>("pace");
  readonly #paceOf = byId<HTMLOutputElement>("pace-of");
  #starsShown = "";

  constructor(
    private readonly words: Words,
    wishes: Wishes,
  ) {
    document.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-do]");
      const action = button?.dataset["do"];
      if (isAction(action)) wishes.act(action);
    });
    this.#slider.addEventListener("input", () => wishes.goTo(Number(this.#slider.value) - 1));
    for (const slider of [this.#brightness, this.#contrast]) {
      slider.addEventListener("input", () =>
        wishes.touch(Number(this.#brightness.value), Number(this.#contrast.value)),
      );
    }
    this.#pace.min = String(SLOWEST);
    this.#pace.max = String(FASTEST);
    this.#pace.addEventListener("input", () => wishes.pace(Number(this.#pace.value)));
    this.#hideUnless("full", document.fullscreenEnabled);
  }

  /** Whether letters are keys; people can switch them off in the help. */
  get letters(): boolean {
    return byId<HTMLInputElement>("letters").checked;
  }

  show(shown: Shown): void {
    const { words } = this;
    const n = shown.index + 1;
    const { total } = shown;
    this.#slider.max = String(Math.max(1, total));
    this.#slider.disabled = total < 2;
    this.#slider.value = String(n);
    this.#slider.setAttribute("aria-valuetext", fill(words.picture, { n, total }));
    this.#output.value = `${n} / ${total}`;
    this.#showStars(shown);
    this.#press("star", shown.starred);
    for (const preset of ["original", "soft", "lung", "bone", "brain"] as const) {
      this.#press(preset, shown.look.preset === preset && isUntouched(shown.look));
      if (preset !== "original") this.#hideUnless(preset, shown.picture?.modality === "CT");
    }
    this.#press("invert", shown.look.inverted);
    for (const mode of ["move", "light", "measure"] as const) this.#press(mode, shown.mode === mode);
    this.#light.hidden = shown.mode !== "light";
    this.#brightness.value = String(Math.round(shown.look.touch.brightness));
    this.#contrast.value = String(Math.round(shown.look.touch.contrast));
    this.#enable("clear", shown.mode === "measure");
    this.#hideUnless("play", total > 1);
    this.#label("play", shown.playing ? words.stop : words.play);
    this.#playing.hidden = !shown.playing;
    this.#pace.value = String(shown.pace);
    this.#paceOf.value = fill(words.perSecond, { n: shown.pace });
    this.#press("compare", shown.two);
    this.#press("link", shown.linked);
    this.#hideUnless("link", shown.two);
    this.#hideUnless("other", shown.two);
    this.#press("text", shown.text);
    this.#press("name", shown.name);
  }

  #showStars({ starsAt, total }: Shown): void {
    const written = `${starsAt.join()} ${total}`;
    if (written === this.#starsShown) return;
    this.#starsShown = written;
    this.#enable("next-star", starsAt.length > 0);
    this.#stars.replaceChildren(
      ...starsAt.map((index) => {
        const mark = document.createElement("i");
        mark.style.setProperty("--at", String(total > 1 ? index / (total - 1) : 0));
        return mark;
      }),
    );
  }

  *#buttons(action: Action): Iterable<HTMLElement> {
    yield* document.querySelectorAll<HTMLElement>(`[data-do="${action}"]`);
  }

  #press(action: Action, pressed: boolean): void {
    for (const button of this.#buttons(action)) button.setAttribute("aria-pressed", String(pressed));
  }

  #label(action: Action, label: string): void {
    for (const button of this.#buttons(action)) {
      const span = button.querySelector("span");
      if (span && span.textContent !== label) span.textContent = label;
    }
  }

  /** Greyed rather than gone: nothing moves under the finger when it comes to life. */
  #enable(action: Action, wanted: boolean): void {
    for (const button of this.#buttons(action)) (button as HTMLButtonElement).disabled = !wanted;
  }

  #hideUnless(action: Action, wanted: boolean): void {
    for (const button of this.#buttons(action)) button.hidden = !wanted;
  }
}
