// Which pictures did someone mark? The person, for this visit; the hospital, in key objects.

import type { KeyImage } from "./page";
import type { Picture } from "./pictures";

const nameOf = (instance: string, frame: number): string => `${instance}/${frame}`;

export class Stars {
  readonly #marked = new Set<string>();

  constructor(given: readonly KeyImage[]) {
    for (const { instance, frame = 1 } of given) this.#marked.add(nameOf(instance, frame));
  }

  has = ({ instance, frame }: Picture): boolean => this.#marked.has(nameOf(instance, frame));

  /** Returns whether the picture is marked now. */
  toggle(picture: Picture): boolean {
    const name = nameOf(picture.instance, picture.frame);
    if (this.#marked.delete(name)) return false;
    this.#marked.add(name);
    return true;
  }

  indexes(pictures: readonly Picture[]): number[] {
    return [...pictures.keys()].filter((index) => this.has(pictures[index]!));
  }

  /** The next marked picture after `index`, going round. */
  after(pictures: readonly Picture[], index: number): number | undefined {
    const marked = this.indexes(pictures);
    return marked.find((each) => each > index) ?? marked[0];
  }
}
