// What happens on the viewer's page: panes, tools and the person's wishes together.

import { type Action, actionFor } from "./actions";
import { type Choice, choicesOf, choose } from "./choices";
import { Cine, paceFor } from "./cine";
import { type Able, DOINGS } from "./doings";
import { showEnd } from "./ending";
import { FrameStore, LIMITS, SPARING, isSparing } from "./frames";
import { type Mode, handle } from "./gestures";
import { handOf } from "./hand";
import { setLight } from "./light";
import { Measuring } from "./measuring";
import { Openings } from "./openings";
import { type Page, firstOf } from "./page";
import { Pair, beside } from "./pair";
import { Pane } from "./pane";
import { lengthText } from "./ruler";
import { Stars } from "./stars";
import { Status } from "./status";
import { Tools } from "./tools";
import { type Point, edgesOf, zoomAt } from "./view";
import { keepWatch } from "./watch";
import { fill } from "./words";

export class Desk implements Able {
  readonly #store: FrameStore;
  readonly #status: Status;
  readonly #tools: Tools;
  readonly #cine: Cine;
  readonly #stars: Stars;
  readonly #choices: readonly Choice[];
  readonly #measuring: Measuring;
  readonly #empty: HTMLElement;
  readonly #pair: Pair;
  readonly #openings: Openings;
  #active: Pane;
  #mode: Mode = "scroll";
  #name = false;
  #unwatch = (): void => {};
  lastMeasure = "";
  ended = false;

  constructor(
    private readonly page: Page,
    private readonly stage: HTMLElement,
  ) {
    const redraw = (): void => this.panes.forEach((pane) => pane.redraw());
    this.#store = new FrameStore(
      { arrived: redraw, failed: redraw, ended: () => this.end() },
      isSparing() ? SPARING : LIMITS,
    );
    this.#status = new Status(document.getElementById("status")!);
    this.#tools = new Tools(page.words, {
      act: (action) => this.act(action),
      goTo: (index) => this.goTo(index),
      touch: (brightness, contrast) => setLight(this.#active, brightness, contrast),
      pace: (perSecond) => {
        this.#cine.pace = perSecond;
        this.#refresh();
      },
    });
    this.#cine = new Cine(
      () => this.#oneOn(),
      () => this.#refresh(),
    );
    this.#stars = new Stars(page.key_images);
    this.#choices = choicesOf(page);
    this.#openings = new Openings(page.words, () => this.end());
    this.#measuring = new Measuring((pane, line) => {
      this.lastMeasure = lengthText(line, pane.drawn!, page.words);
      this.#say("measured", { length: this.lastMeasure });
    });
    const root = stage.querySelector<HTMLElement>(".pane")!;
    this.#empty = root.cloneNode(true) as HTMLElement;
    this.#active = this.#pane(root);
    this.#pair = new Pair(this.#active);
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#unwatch = keepWatch(() => this.#shown(), () => this.end());
  }

  get active(): Pane {
    return this.#active;
  }

  get panes(): readonly Pane[] {
    return this.#pair.panes;
  }

  /** The addresses of the series on the screen, each of which may be taken back. */
  #shown(): string[] {
    const series = this.panes.map(this.#openings.addressOf).filter((each) => each !== "");
    return series.map((each) => `${each}/thumbnail`);
  }

  /** Show a series in a pane, at the picture its card names, else in the middle. */
  open(choice: Choice, pane: Pane = this.#active, at?: (pictures: Pane["pictures"]) => number): Promise<void> {
    return this.#openings.open(pane, choice, (pictures) => {
      this.#pair.part();
      pane.load(pictures, at?.(pictures) ?? firstOf(pictures, choice.first), choice.label);
      this.#sayLink(this.#pair.bind());
      this.#refresh();
    });
  }

  /** Access is over: nothing that was shown may stay. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#unwatch();
    this.#cine.stop();
    this.#openings.end();
    this.#store.end();
    for (const pane of this.panes) pane.blank();
    showEnd();
  }

  act(action: Action): void {
    if (this.ended) return;
    DOINGS[action](this);
    this.#refresh();
  }

  get together(): readonly Pane[] {
    return this.#pair.together(this.#active);
  }

  toggleLink(): void {
    this.#sayLink(this.#pair.toggle(), "unlinked");
  }

  toOther(): void {
    const other = this.#pair.other(this.#active);
    if (!other) return;
    this.#activate(other);
    this.#say("active", { series: other.face.label });
  }

  toggleText(): void {
    this.stage.classList.toggle("bare");
  }

  toggleName(): void {
    this.#name = !this.#name;
    for (const each of this.panes) each.face.nameShown = this.#name;
  }

  goTo(index: number, pane: Pane = this.#active): void {
    pane.show(index);
    this.#pair.follow(pane);
    if (!this.#cine.running && pane.picture) {
      this.#say("picture", { n: pane.index + 1, total: pane.pictures.length });
    }
  }

  #key(event: KeyboardEvent): void {
    if (this.ended || event.defaultPrevented) return;
    const inControl = (event.target as Element).closest("input, dialog, button, a");
    const measuring = this.#mode === "measure" && !inControl;
    if (measuring && this.#measuring.key(this.#active, event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && !document.fullscreenElement) this.setMode("scroll");
    if (event.key === "Delete" && measuring) this.clearLines();
    const action = actionFor(event, { letters: this.#tools.letters });
    if (!action) return;
    event.preventDefault();
    this.act(action);
  }

  #pane(root: HTMLElement): Pane {
    const pane: Pane = new Pane(root, this.#store, this.page.words, () => this.#refresh());
    const hand = handOf(pane, this.#measuring, {
      mode: () => this.#mode,
      activate: () => this.#activate(pane),
      goTo: (index) => this.goTo(index, pane),
      zoom: (factor, at) => this.zoom(pane, factor, at),
    });
    handle(pane.face.film, hand);
    return pane;
  }

  #activate(pane: Pane): void {
    if (pane === this.#active) return;
    this.#measuring.cancel();
    this.#active = pane;
    for (const each of this.panes) each.face.active = each === pane;
    this.#refresh();
  }

  #oneOn(): boolean {
    const pane = this.#active;
    const failed = pane.picture !== undefined && this.#store.hasFailed(pane.picture);
    if (pane.drawn !== pane.picture && !failed) return false;
    this.goTo((pane.index + 1) % Math.max(1, pane.pictures.length));
    return true;
  }

  play(): void {
    if (this.#cine.running) {
      this.#cine.stop();
      this.#say("stopped", { n: this.#active.index + 1, total: this.#active.pictures.length });
    } else if (this.#active.pictures.length > 1) {
      this.#cine.pace = paceFor(this.#active.picture?.fps);
      this.#cine.start();
      this.#say("playing");
    }
  }

  zoom(pane: Pane, factor: number, at: Point): void {
    pane.see(zoomAt(pane.view, factor, at, pane.size));
    this.#say("zoom", { percent: Math.round(pane.view.zoom * 100) });
  }

  setMode(mode: Mode): void {
    this.#measuring.cancel();
    this.#mode = mode === this.#mode ? "scroll" : mode;
    this.stage.dataset["mode"] = this.#mode;
    if (this.#mode === "measure") {
      this.#cine.stop();
      this.#say("measureHow");
    }
    this.#refresh();
  }

  clearLines(): void {
    this.#measuring.cancel();
    const { picture, lines } = this.#active;
    this.#active.draw(lines.filter((line) => line.key !== picture?.key));
    this.lastMeasure = "";
    this.#say("cleared");
  }

  star(): void {
    const { picture, index } = this.#active;
    if (picture) this.#say(this.#stars.toggle(picture) ? "starred" : "unstarred", { n: index + 1 });
  }

  nextStar(): void {
    const { pictures, index } = this.#active;
    this.goTo(this.#stars.after(pictures, index) ?? index);
  }

  compare(): void {
    const first = this.panes[0]!;
    const { second } = this.#pair;
    if (second) {
      this.#activate(first);
      this.#openings.forget(second);
      this.#pair.close();
      this.stage.classList.remove("two");
      this.#say("closed");
      return;
    }
    void choose(this.#choices, this.#openings.addressOf(first)).then((choice) => {
      if (choice && !this.ended) this.#placeBeside(first, choice);
    });
  }

  #placeBeside(first: Pane, choice: Choice): void {
    const root = this.#empty.cloneNode(true) as HTMLElement;
    root.querySelector("img")!.removeAttribute("src");
    this.stage.append(root);
    this.stage.classList.add("two");
    const pane = this.#pane(root);
    pane.face.nameShown = this.#name;
    this.#pair.open(pane);
    for (const each of this.panes) each.face.active = each === this.#active;
    void this.open(choice, pane, (pictures) => beside(first, pictures));
    this.#refresh();
  }

  #sayLink(kind: ReturnType<Pair["bind"]>, otherwise?: "unlinked"): void {
    if (kind) this.#say(kind === "place" ? "linkedByPlace" : "linkedByOrder");
    else if (otherwise) this.#say(otherwise);
  }

  #say(sentence: keyof Page["words"], values: Record<string, string | number> = {}): void {
    this.#status.say(fill(this.page.words[sentence], values));
  }

  sayEdge(sentence: "turned" | "flipped", edge: "top" | "left"): void {
    const { picture, view, face } = this.#active;
    const letters = picture ? edgesOf(view, picture)[edge] : "";
    if (letters) this.#say(sentence, { [edge]: face.towards(letters) });
  }

  #refresh(): void {
    if (this.ended) return;
    const pane = this.#active;
    const { picture } = pane;
    this.#tools.show({
      index: pane.index,
      total: pane.pictures.length,
      picture,
      look: pane.look,
      mode: this.#mode,
      playing: this.#cine.running,
      pace: this.#cine.pace,
      starred: picture !== undefined && this.#stars.has(picture),
      starsAt: this.#stars.indexes(pane.pictures),
      two: this.panes.length > 1,
      linked: this.#pair.linked,
      text: !this.stage.classList.contains("bare"),
      name: this.#name,
    });
  }
}
