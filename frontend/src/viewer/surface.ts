// How does a frame become something a canvas can draw at any size?

import type { Picture } from "./pictures";
import { type Frame, type Look, gridOf, shade } from "./shade";

// Phones refuse larger canvases.
const MOST_PIXELS = 16_000_000;
// While something is being dragged, so many are enough for the eye and quick to shade.
const HASTY_PIXELS = 1_000_000;

/** A canvas in the picture's own pixels, shaded again only when something changed. */
export class Surface {
  readonly canvas = document.createElement("canvas");
  readonly #context = this.canvas.getContext("2d")!;
  #image: ImageData | undefined;
  #words = new Uint32Array(0);
  #painted: { frame: Frame; look: Look; step: number } | undefined;

  paint(picture: Picture, frame: Frame, look: Look, hasty: boolean): void {
    const whole = gridOf(picture, frame, 1);
    const most = hasty ? HASTY_PIXELS : MOST_PIXELS;
    const step = Math.max(1, Math.ceil(Math.sqrt((whole.width * whole.height) / most)));
    const last = this.#painted;
    if (last?.frame === frame && last.look === look && last.step === step) return;
    const grid = gridOf(picture, frame, step);
    const image = this.#sized(grid.width, grid.height);
    shade(this.#words, grid, picture, frame, look);
    this.#context.putImageData(image, 0, 0);
    this.#painted = { frame, look, step };
  }

  /** Keep nothing of any picture. */
  forget(): void {
    this.canvas.width = this.canvas.height = 0;
    this.#image = undefined;
    this.#words = new Uint32Array(0);
    this.#painted = undefined;
  }

  #sized(width: number, height: number): ImageData {
    if (this.#image?.width === width && this.#image.height === height) return this.#image;
    this.canvas.width = width;
    this.canvas.height = height;
    this.#image = new ImageData(width, height);
    this.#words = new Uint32Array(this.#image.data.buffer);
    return this.#image;
  }
}
