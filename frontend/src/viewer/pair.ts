// How do two stacks stand side by side, and when do they move as one?

import { Link, type LinkKind, relative } from "./link";
import { nearest } from "./order";
import type { Pane } from "./pane";

export class Pair {
  second: Pane | undefined;
  #link: Link | undefined;
  #wanted = true;

  constructor(private readonly first: Pane) {}

  get panes(): readonly Pane[] {
    return this.second ? [this.first, this.second] : [this.first];
  }

  get linked(): boolean {
    return this.#link !== undefined;
  }

  other(pane: Pane): Pane | undefined {
    return this.panes.find((each) => each !== pane);
  }

  /** The other pane, if it does what this one does. */
  partner(pane: Pane): Pane | undefined {
    return this.#link ? this.other(pane) : undefined;
  }

  /** A pane, and the one that does what it does. */
  together(pane: Pane): readonly Pane[] {
    const partner = this.partner(pane);
    return partner ? [pane, partner] : [pane];
  }

  open(second: Pane): void {
    this.second = second;
    this.#wanted = true;
    this.#link = undefined;
  }

  close(): void {
    this.second?.close();
    this.second = undefined;
    this.#link = undefined;
  }

  part(): void {
    this.#link = undefined;
  }

  /** Bind the two as they stand, if there are two and the person wants it. */
  bind(): LinkKind | undefined {
    const { first, second } = this;
    if (!this.#wanted || !first.pictures.length || !second?.pictures.length) return undefined;
    this.#link = new Link(first, second);
    return this.#link.kind;
  }

  /** Bind what moves apart, part what moves together. */
  toggle(): LinkKind | undefined {
    this.#wanted = !this.#link;
    this.#link = undefined;
    return this.bind();
  }

  /** Bring the other pane to where this one went. */
  follow(pane: Pane): void {
    const other = this.partner(pane);
    if (other && this.#link) other.show(this.#link.partner(pane, other.pictures));
  }
}

/** Where to open `other` beside `stack`: at the same place if they share one. */
export function beside(
  stack: Pick<Pane, "pictures" | "index">,
  other: Pane["pictures"],
): number {
  const picture = stack.pictures[stack.index];
  const here = picture?.place?.frameOfReference;
  const shared = here !== undefined && here !== "" && here === other[0]?.place?.frameOfReference;
  return (shared ? nearest(other, picture!, 0) : undefined) ?? relative(stack, other);
}
