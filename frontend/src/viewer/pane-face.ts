// What stands in and around a pane's window besides the picture itself?

import { personName, text } from "./model";
import type { Picture } from "./pictures";
import type { Edges, Size } from "./view";
import { type Words, fill } from "./words";

function part<T extends HTMLElement>(root: HTMLElement, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the page has no ${name}`);
  return found;
}

export class PaneFace {
  readonly film: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  size: Size = { width: 0, height: 0 };
  label = "";
  #showName = false;
  #shown: Picture | undefined;
  readonly #watch: ResizeObserver;

  constructor(
    readonly root: HTMLElement,
    private readonly words: Words,
    resized: () => void,
  ) {
    this.film = part(root, "film");
    this.canvas = part<HTMLCanvasElement>(root, "canvas");
    this.#watch = new ResizeObserver(([entry]) => {
      this.#fit(entry!);
      resized();
    });
    // In device pixels where the browser tells them: then nothing is rounded twice.
    try {
      this.#watch.observe(this.film, { box: "device-pixel-content-box" });
    } catch {
      this.#watch.observe(this.film);
    }
  }

  onRetry(retry: () => void): void {
    part(this.root, "retry").addEventListener("click", retry);
  }

  name(label: string): void {
    this.label = label;
    part(this.root, "label").textContent = label;
  }

  set active(active: boolean) {
    this.root.classList.toggle("active", active);
  }

  /** Whether the person's name may stand beside the picture; it does not at first. */
  set nameShown(shown: boolean) {
    this.#showName = shown;
    this.#writeName();
  }

  shows(picture: Picture, n: number, total: number, edges: Edges): void {
    const { words } = this;
    part(this.root, "first").hidden = true;
    this.canvas.hidden = false;
    this.root.classList.remove("waiting");
    part(this.root, "card").hidden = true;
    part(this.root, "count").textContent = fill(words.picture, { n, total });
    for (const edge of ["top", "right", "bottom", "left"] as const) {
      part(this.root, edge).textContent = edges[edge];
    }
    const { thickness } = picture;
    part(this.root, "thickness").textContent = thickness
      ? fill(words.thickness, { mm: Number(thickness.toFixed(2)) })
      : "";
    const sides = edges.left && edges.top ? ` ${this.#sides(edges)}` : "";
    this.canvas.setAttribute(
      "aria-label",
      fill(words.pictureOf, { series: this.label, n, total }) + sides,
    );
    if (this.#shown !== picture) {
      this.#shown = picture;
      this.#writeName();
    }
  }

  /** In words, where an edge faces: "the patient's right". */
  towards(letters: string): string {
    const first = letters[0];
    return first && first in this.words ? this.words[first as "L"] : "";
  }

  waiting(n: number): void {
    part(this.root, "card").hidden = true;
    this.root.classList.add("waiting");
    part(this.root, "count").textContent = fill(this.words.loading, { n });
  }

  failed(n: number, total: number): void {
    this.#card(fill(this.words.failed, { n }));
    part(this.root, "count").textContent = fill(this.words.picture, { n, total });
    part(this.root, "first").hidden = true;
  }

  /** A card in place of the picture; with a way to try again unless said otherwise. */
  problem(sentence: string, { retry = true } = {}): void {
    this.#card(sentence);
    part(this.root, "retry").hidden = !retry;
  }

  blank(): void {
    this.#watch.disconnect();
    part<HTMLImageElement>(this.root, "first").removeAttribute("src");
    part(this.root, "first").hidden = true;
    this.canvas.width = this.canvas.height = 1;
    this.canvas.hidden = true;
    this.canvas.removeAttribute("aria-label");
    this.#shown = undefined;
    for (const name of ["top", "right", "bottom", "left", "name", "thickness", "label", "count"]) {
      part(this.root, name).textContent = "";
    }
    part(this.root, "card").hidden = true;
  }

  remove(): void {
    this.root.remove();
  }

  #sides(edges: Edges): string {
    return fill(this.words.sides, {
      left: this.towards(edges.left),
      top: this.towards(edges.top),
    });
  }

  #card(sentence: string): void {
    this.root.classList.remove("waiting");
    part(this.root, "card").hidden = false;
    part(this.root, "retry").hidden = false;
    part(this.root, "problem").textContent = sentence;
  }

  #writeName(): void {
    const { words } = this;
    const data = this.#shown?.data;
    if (!data) return;
    const name = personName(data, "00100010");
    const born = text(data, "00100030");
    const date = /^\d{8}$/.test(born) ? `${born.slice(0, 4)}-${born.slice(4, 6)}-${born.slice(6)}` : "";
    const whole = name && date ? fill(words.born, { name, date }) : name || words.noName;
    part(this.root, "name").textContent = this.#showName ? whole : words.nameHidden;
  }

  #fit(entry: ResizeObserverEntry): void {
    const { width, height } = entry.contentRect;
    const device = entry.devicePixelContentBoxSize?.[0];
    const ratio = window.devicePixelRatio || 1;
    this.size = { width, height };
    // A browser that plays another device may tell its own pixels; then ours are counted.
    const told = device && Math.abs(device.inlineSize - width * ratio) < 2 ? device : undefined;
    const across = Math.max(1, told?.inlineSize ?? Math.round(width * ratio));
    const down = Math.max(1, told?.blockSize ?? Math.round(height * ratio));
    // Setting a size clears the canvas, so only when it differs.
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
  }
}
