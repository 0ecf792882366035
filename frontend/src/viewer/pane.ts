// What does one window with a stack of pictures show right now?

import { FrameStore, around } from "./frames";
import type { Line } from "./measure";
import { PaneFace } from "./pane-face";
import type { Picture } from "./pictures";
import { drawCross, drawLine } from "./ruler";
import { type Look, PLAIN, windowFor } from "./shade";
import { Surface } from "./surface";
import { FITTED, type Point, type Size, type View, edgesOf, toScreen } from "./view";
import type { Window } from "./voi";
import type { Words } from "./words";

const CALM_AFTER = 160;

export class Pane {
  readonly face: PaneFace;
  /** How to fetch the series again when that failed. */
  reopen: (() => void) | undefined;
  readonly #surface = new Surface();
  readonly #context: CanvasRenderingContext2D;
  #pictures: readonly Picture[] = [];
  #index = 0;
  #forward = true;
  #drawn: Picture | undefined;
  #look: Look = PLAIN;
  #view: View = FITTED;
  #window: Window | undefined;
  #lines: readonly Line[] = [];
  #cross: Point | undefined;
  #due = 0;
  #calm = 0;
  #hasty = false;

  constructor(
    root: HTMLElement,
    private readonly store: FrameStore,
    private readonly words: Words,
    /** Told after each drawing, when what can be read off the pane may differ. */
    private readonly changed: (pane: Pane) => void,
  ) {
    this.face = new PaneFace(root, words, () => this.#render());
    this.#context = this.face.canvas.getContext("2d", { alpha: false })!;
    this.face.onRetry(() => {
      const { picture } = this;
      if (picture) this.store.retry(picture);
      else this.reopen?.();
      this.redraw();
    });
  }

  get pictures(): readonly Picture[] {
    return this.#pictures;
  }

  get index(): number {
    return this.#index;
  }

  /** The picture asked for, which may be on its way. */
  get picture(): Picture | undefined {
    return this.#pictures[this.#index];
  }

  /** The picture that is on the canvas. */
  get drawn(): Picture | undefined {
    return this.#drawn;
  }

  get look(): Look {
    return this.#look;
  }

  get view(): View {
    return this.#view;
  }

  /** The window in force in the picture drawn. */
  get window(): Window | undefined {
    return this.#window;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  get size(): Size {
    return this.face.size;
  }

  load(pictures: readonly Picture[], index: number, label: string): void {
    this.#pictures = pictures;
    this.#look = PLAIN;
    this.#view = FITTED;
    this.#lines = [];
    this.#cross = undefined;
    this.face.name(label);
    this.#index = -1;
    this.show(index);
  }

  show(index: number): void {
    const wanted = Math.max(0, Math.min(this.#pictures.length - 1, index));
    if (wanted === this.#index || !this.#pictures.length) return;
    this.#forward = wanted >= this.#index;
    this.#index = wanted;
    this.store.aim(this, around(this.#pictures, wanted, this.#forward));
    this.redraw();
  }

  see(view: View): void {
    this.#view = view;
    this.redraw();
  }

  lookAs(look: Look, { hasty = false } = {}): void {
    this.#look = look;
    if (hasty) {
      this.#hasty = true;
      clearTimeout(this.#calm);
      this.#calm = window.setTimeout(() => {
        this.#hasty = false;
        this.redraw();
      }, CALM_AFTER);
    }
    this.redraw();
  }

  draw(lines: readonly Line[]): void {
    this.#lines = lines;
    this.redraw();
  }

  get cross(): Point | undefined {
    return this.#cross;
  }

  pointCross(cross: Point | undefined): void {
    this.#cross = cross;
    this.redraw();
  }

  redraw(): void {
    this.#due ||= requestAnimationFrame(() => {
      this.#due = 0;
      this.#render();
    });
  }

  /** What is on the canvas as a picture of its own, without lines or letters. */
  toBlob(): Promise<Blob | null> {
    return new Promise((resolve) => this.#surface.canvas.toBlob(resolve, "image/png"));
  }

  /** Red, green and blue under a point, in CSS pixels of the pane's window. */
  colourAt({ x, y }: Point): [number, number, number] {
    const { canvas, size } = this.face;
    const { data } = this.#context.getImageData(
      Math.floor((x * canvas.width) / size.width),
      Math.floor((y * canvas.height) / size.height),
      1,
      1,
    );
    return [data[0]!, data[1]!, data[2]!];
  }

  /** Show nothing any more and keep nothing. */
  blank(): void {
    cancelAnimationFrame(this.#due);
    clearTimeout(this.#calm);
    this.store.aim(this, []);
    this.#pictures = [];
    this.#drawn = undefined;
    this.#lines = [];
    this.#surface.forget();
    this.face.blank();
  }

  close(): void {
    this.blank();
    this.face.remove();
  }

  #render(): void {
    const { picture } = this;
    const { size } = this.face;
    if (!picture || !size.width || !size.height) return;
    const frame = this.store.get(picture);
    if (!frame) {
      if (this.store.hasFailed(picture)) {
        this.#drawn = undefined;
        this.#clear();
        this.face.failed(this.#index + 1, this.#pictures.length);
      } else {
        this.face.waiting(this.#index + 1);
      }
      this.changed(this);
      return;
    }
    this.#surface.paint(picture, frame, this.#look, this.#hasty);
    this.#window = windowFor(picture, frame, this.#look);
    this.#drawn = picture;
    this.#compose(picture);
    this.face.shows(picture, this.#index + 1, this.#pictures.length, edgesOf(this.#view, picture));
    this.changed(this);
  }

  #clear(): void {
    const { canvas } = this.face;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, canvas.width, canvas.height);
  }

  #compose(picture: Picture): void {
    const { canvas, size } = this.face;
    const context = this.#context;
    const { columns, rows } = picture.pixels;
    const matrix = toScreen(this.#view, size, picture);
    this.#clear();
    context.setTransform(canvas.width / size.width, 0, 0, canvas.height / size.height, 0, 0);
    context.save();
    context.transform(...matrix);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#surface.canvas, 0, 0, columns, rows);
    context.restore();
    for (const line of this.#lines) {
      if (line.key === picture.key) drawLine(context, line, picture, matrix, size, this.words);
    }
    if (this.#cross) drawCross(context, this.#cross);
  }
}
