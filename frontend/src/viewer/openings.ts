// Which series is each pane to show, and has it come?

import type { Choice } from "./choices";
import { EndedError } from "./fetching";
import type { Pane } from "./pane";
import type { Picture } from "./pictures";
import { fetchSeries } from "./series";
import type { Words } from "./words";

export class Openings {
  readonly #choices = new Map<Pane, Choice>();
  readonly #flights = new Map<Pane, AbortController>();

  constructor(
    private readonly words: Words,
    private readonly ended: () => void,
  ) {}

  /** The address of the series that a pane shows or waits for. */
  addressOf = (pane: Pane): string => this.#choices.get(pane)?.address ?? "";

  /** Fetch a series for a pane; the pane itself says when that fails. */
  async open(pane: Pane, choice: Choice, opened: (pictures: readonly Picture[]) => void): Promise<void> {
    this.forget(pane);
    const flight = new AbortController();
    this.#flights.set(pane, flight);
    this.#choices.set(pane, choice);
    try {
      const pictures = await fetchSeries(choice.address, flight.signal);
      if (flight.signal.aborted) return;
      if (pictures.length) opened(pictures);
      else pane.face.problem(this.words.noPictures, { retry: false });
    } catch (error) {
      if (flight.signal.aborted) return;
      if (error instanceof EndedError) {
        this.ended();
        return;
      }
      pane.reopen = () => void this.open(pane, choice, opened);
      pane.face.problem(this.words.seriesFailed);
    }
  }

  forget(pane: Pane): void {
    this.#flights.get(pane)?.abort();
    this.#flights.delete(pane);
    this.#choices.delete(pane);
  }

  end(): void {
    for (const flight of this.#flights.values()) flight.abort();
  }
}
