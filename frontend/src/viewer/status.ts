// How do people who do not look at the screen learn what changed?

const PAUSE = 250;

/** A line that screen readers speak once things have come to rest. */
export class Status {
  #timer = 0;

  constructor(private readonly line: HTMLElement) {}

  say(sentence: string): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.line.textContent = sentence;
    }, PAUSE);
  }
}
