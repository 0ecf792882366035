// Which pictures are kept, which are fetched next, and which are given up?

import { EndedError, fetchPicture } from "./fetching";
import type { Picture } from "./pictures";
import type { Frame } from "./shade";

const MEBIBYTE = 2 ** 20;

export interface Limits {
  /** Bytes of pictures kept, the least recently seen dropped first. */
  readonly kept: number;
  /** Bytes fetched ahead around the picture in view. */
  readonly ahead: number;
  readonly inFlight: number;
}

export const LIMITS: Limits = { kept: 256 * MEBIBYTE, ahead: 48 * MEBIBYTE, inFlight: 4 };
export const SPARING: Limits = { ...LIMITS, ahead: 4 * MEBIBYTE };

/** Whether the line is one on which to ask for little ahead. */
export function isSparing(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return line?.saveData === true || /2g$/.test(line?.effectiveType ?? "");
}

export interface Watcher {
  arrived(picture: Picture): void;
  failed(picture: Picture): void;
  ended(): void;
}

type Fetch = (picture: Picture, signal: AbortSignal) => Promise<Frame>;

/** Nearest first, the way the person is going before the way back. */
export function around(pictures: readonly Picture[], index: number, forward: boolean): Picture[] {
  const wanted: Picture[] = [];
  const take = (at: number): void => {
    const found = pictures[at];
    if (found) wanted.push(found);
  };
  take(index);
  const step = forward ? 1 : -1;
  for (let away = 1; away < pictures.length; away++) {
    take(index + step * away);
    // Twice as far ahead as behind.
    if (away % 2 === 0) take(index - (step * away) / 2);
  }
  for (let away = Math.floor((pictures.length - 1) / 2) + 1; away < pictures.length; away++) {
    take(index - step * away);
  }
  return wanted;
}

const sizeOf = ({ pixels }: Picture): number =>
  pixels.rows * pixels.columns * (pixels.colour ? 4 : Math.ceil(pixels.bitsAllocated / 8));

export class FrameStore {
  readonly #kept = new Map<string, Frame>();
  readonly #failed = new Set<string>();
  readonly #flying = new Map<string, AbortController>();
  readonly #wanted = new Map<object, readonly Picture[]>();
  #keptBytes = 0;
  #over = false;

  constructor(
    private readonly watcher: Watcher,
    private readonly limits: Limits = LIMITS,
    private readonly fetch: Fetch = fetchPicture,
  ) {}

  get bytes(): number {
    return this.#keptBytes;
  }

  /** The picture if it is here; having been looked at, it is kept longer. */
  get(picture: Picture): Frame | undefined {
    const frame = this.#kept.get(picture.key);
    if (frame) {
      this.#kept.delete(picture.key);
      this.#kept.set(picture.key, frame);
    }
    return frame;
  }

  hasFailed = (picture: Picture): boolean => this.#failed.has(picture.key);

  /** Say what one pane wants, most wanted first; an empty list when it is closed. */
  aim(pane: object, pictures: readonly Picture[]): void {
    if (pictures.length) this.#wanted.set(pane, this.#within(pictures));
    else this.#wanted.delete(pane);
    this.#pump();
  }

  retry(picture: Picture): void {
    this.#failed.delete(picture.key);
    this.#pump();
  }

  /** Forget everything and fetch nothing more. */
  end(): void {
    this.#over = true;
    for (const flight of this.#flying.values()) flight.abort();
    this.#flying.clear();
    this.#kept.clear();
    this.#wanted.clear();
    this.#keptBytes = 0;
  }

  #within(pictures: readonly Picture[]): readonly Picture[] {
    let bytes = 0;
    const end = pictures.findIndex((each, at) => (bytes += sizeOf(each)) > this.limits.ahead && at > 0);
    return end < 0 ? pictures : pictures.slice(0, end);
  }

  /** The wishes of all panes, taken in turns. */
  #queue(): Picture[] {
    const lists = [...this.#wanted.values()];
    const longest = Math.max(0, ...lists.map((list) => list.length));
    const queue = new Map<string, Picture>();
    for (let at = 0; at < longest; at++) {
      for (const list of lists) {
        const picture = list[at];
        if (picture) queue.set(picture.key, picture);
      }
    }
    return [...queue.values()];
  }

  #pump(): void {
    if (this.#over) return;
    const queue = this.#queue();
    const rank = new Map(queue.map((each, at) => [each.key, at]));
    for (const [key, flight] of this.#flying) {
      if (rank.has(key)) continue;
      flight.abort();
      this.#flying.delete(key);
    }
    const missing = queue.filter(
      ({ key }) => !this.#kept.has(key) && !this.#failed.has(key) && !this.#flying.has(key),
    );
    for (const [at, picture] of missing.entries()) {
      if (this.#flying.size >= this.limits.inFlight) {
        const inView = at === 0 && rank.get(picture.key)! < this.#wanted.size;
        if (!inView) break;
        this.#giveUpLast(rank);
      }
      void this.#bring(picture);
    }
  }

  #giveUpLast(rank: ReadonlyMap<string, number>): void {
    const [last] = [...this.#flying.keys()].sort((a, b) => rank.get(b)! - rank.get(a)!);
    this.#flying.get(last!)!.abort();
    this.#flying.delete(last!);
  }

  async #bring(picture: Picture): Promise<void> {
    const flight = new AbortController();
    this.#flying.set(picture.key, flight);
    try {
      const frame = await this.fetch(picture, flight.signal);
      if (flight.signal.aborted) return;
      this.#keep(picture, frame);
      this.watcher.arrived(picture);
    } catch (error) {
      if (flight.signal.aborted) return;
      if (error instanceof EndedError) {
        this.end();
        this.watcher.ended();
        return;
      }
      this.#failed.add(picture.key);
      this.watcher.failed(picture);
    } finally {
      if (this.#flying.get(picture.key) === flight) this.#flying.delete(picture.key);
    }
    this.#pump();
  }

  #keep(picture: Picture, frame: Frame): void {
    this.#kept.set(picture.key, frame);
    this.#keptBytes += frame.bytes;
    for (const [key, oldest] of this.#kept) {
      if (this.#keptBytes <= this.limits.kept || this.#kept.size === 1) break;
      this.#kept.delete(key);
      this.#keptBytes -= oldest.bytes;
    }
  }
}
