// How do pictures run by themselves? Only when asked, and never faster than they arrive.

export const SLOWEST = 1;
export const FASTEST = 30;
const USUAL = 10;
const CALM = 3;

export const calmWanted = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The pace to start with: the object's own, unless the person asked for less motion. */
export function paceFor(own: number | undefined): number {
  if (calmWanted()) return CALM;
  return Math.round(Math.min(FASTEST, Math.max(SLOWEST, own ?? USUAL)));
}

export class Cine {
  pace = USUAL;
  #running = false;
  #next = 0;
  #request = 0;

  constructor(
    /** Go one on; false while the picture in view has not arrived. */
    private readonly step: () => boolean,
    private readonly changed: () => void,
  ) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
    });
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#next = performance.now();
    this.#request = requestAnimationFrame(this.#tick);
    this.changed();
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    cancelAnimationFrame(this.#request);
    this.changed();
  }

  #tick = (now: number): void => {
    if (now >= this.#next && this.step()) {
      // Late pictures do not make those after them hurry.
      this.#next = Math.max(this.#next + 1000 / this.pace, now);
    }
    this.#request = requestAnimationFrame(this.#tick);
  };
}
