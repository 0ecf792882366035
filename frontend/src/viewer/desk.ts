// What happens on the viewer's page: panes, tools and the person's wishes together.

import { type Action, actionFor } from "./actions";
import { type Choice, choicesOf, choose } from "./choices";
import { Cine, paceFor } from "./cine";
import { EndedError } from "./fetching";
import { FrameStore, LIMITS, SPARING } from "./frames";
import { type Hand, type Mode, handle } from "./gestures";
import { Link, beside } from "./link";
import { Measuring } from "./measuring";
import { type Page, pictureNamed } from "./page";
import { Pane } from "./pane";
import { lengthText } from "./ruler";
import { fetchSeries } from "./series";
import { PLAIN } from "./shade";
import { Stars } from "./stars";
import { Status } from "./status";
import { Tools } from "./tools";
import { FITTED, type Point, edgesOf, fit, flip, panBy, turn, zoomAt } from "./view";
import { type Preset, UNTOUCHED } from "./voi";
import { fill } from "./words";

const ZOOM_STEP = 1.25;
const CLOSE_LOOK = 2.5;

/** A phone on a metered line asks for less ahead. */
function sparing(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return line?.saveData === true || /2g$/.test(line?.effectiveType ?? "");
}

export class Desk {
  readonly #store: FrameStore;
  readonly #status: Status;
  readonly #tools: Tools;
  readonly #cine: Cine;
  readonly #stars: Stars;
  readonly #choices: readonly Choice[];
  readonly #measuring: Measuring;
  readonly #empty: HTMLElement;
  readonly #addresses = new Map<Pane, string>();
  readonly #openings = new Map<Pane, AbortController>();
  #panes: Pane[];
  #active: Pane;
  #mode: Mode = "scroll";
  #link: Link | undefined;
  #linkWanted = true;
  #text = true;
  #name = false;
  lastMeasure: { value: string; key: string } | undefined;
  ended = false;

  constructor(
    private readonly page: Page,
    private readonly stage: HTMLElement,
  ) {
    this.#store = new FrameStore(
      {
        arrived: () => this.#redraw(),
        failed: () => this.#redraw(),
        ended: () => this.end(),
      },
      sparing() ? SPARING : LIMITS,
    );
    this.#status = new Status(document.getElementById("status")!);
    this.#tools = new Tools(page.words, {
      act: (action) => this.act(action),
      goTo: (index) => this.#goTo(index),
      touch: (brightness, contrast) => this.#touch(brightness, contrast),
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
    this.#measuring = new Measuring((pane, line) => {
      const value = lengthText(line, pane.drawn!, page.words);
      this.lastMeasure = { value, key: line.key };
      this.#say("measured", { length: value });
    });
    const root = stage.querySelector<HTMLElement>(".pane")!;
    this.#empty = root.cloneNode(true) as HTMLElement;
    this.#active = this.#pane(root);
    this.#panes = [this.#active];
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get active(): Pane {
    return this.#active;
  }

  get panes(): readonly Pane[] {
    return this.#panes;
  }

  /** Show a series in a pane, at the picture its card names, else in the middle. */
  async open(choice: Choice, pane: Pane = this.#active, at?: (pictures: Pane["pictures"]) => number): Promise<void> {
    this.#openings.get(pane)?.abort();
    const opening = new AbortController();
    this.#openings.set(pane, opening);
    this.#addresses.set(pane, choice.address);
    try {
      const pictures = await fetchSeries(choice.address, opening.signal);
      if (opening.signal.aborted) return;
      if (!pictures.length) {
        pane.face.problem(this.page.words.noPictures, { retry: false });
        return;
      }
      this.#unlink();
      pane.load(pictures, at?.(pictures) ?? firstOf(pictures, choice.first), choice.label);
      this.#bind();
    } catch (error) {
      if (opening.signal.aborted) return;
      if (error instanceof EndedError) {
        this.end();
        return;
      }
      pane.reopen = () => void this.open(choice, pane, at);
      pane.face.problem(this.page.words.seriesFailed);
    }
  }

  /** Access is over: nothing that was shown may stay. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#cine.stop();
    for (const opening of this.#openings.values()) opening.abort();
    this.#store.end();
    for (const pane of this.#panes) pane.blank();
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    for (const image of document.querySelectorAll(".strip img")) image.remove();
    document.body.classList.add("ended");
    const card = document.getElementById("ended")!;
    card.hidden = false;
    card.focus();
  }

  act(action: Action): void {
    if (this.ended) return;
    const pane = this.#active;
    const { index, size, view } = pane;
    const middle = { x: size.width / 2, y: size.height / 2 };
    const actions: Record<Action, () => unknown> = {
      back: () => this.#goTo(index - 1),
      on: () => this.#goTo(index + 1),
      "back-ten": () => this.#goTo(index - 10),
      "on-ten": () => this.#goTo(index + 10),
      first: () => this.#goTo(0),
      last: () => this.#goTo(Infinity),
      play: () => this.#play(),
      larger: () => this.#zoom(pane, ZOOM_STEP, middle),
      smaller: () => this.#zoom(pane, 1 / ZOOM_STEP, middle),
      fit: () => {
        pane.see(fit(view));
        this.#say("zoom", { percent: 100 });
      },
      turn: () => {
        pane.see(turn(view));
        this.#sayEdge("turned", "top");
      },
      flip: () => {
        pane.see(flip(view));
        this.#sayEdge("flipped", "left");
      },
      invert: () => pane.lookAs({ ...pane.look, inverted: !pane.look.inverted }),
      reset: () => {
        pane.lookAs(PLAIN);
        pane.see(FITTED);
      },
      original: () => this.#preset("original"),
      soft: () => this.#preset("soft"),
      lung: () => this.#preset("lung"),
      bone: () => this.#preset("bone"),
      brain: () => this.#preset("brain"),
      move: () => this.#setMode("move"),
      light: () => this.#setMode("light"),
      measure: () => this.#setMode("measure"),
      clear: () => this.#clearLines(),
      star: () => this.#star(),
      "next-star": () => this.#nextStar(),
      compare: () => this.#compare(),
      link: () => this.#toggleLink(),
      text: () => this.#toggleText(),
      name: () => {
        this.#name = !this.#name;
        for (const each of this.#panes) each.face.nameShown = this.#name;
      },
      full: () => this.#full(),
      save: () => void this.#save(),
      help: () => document.querySelector<HTMLDialogElement>("#help")!.showModal(),
    };
    actions[action]();
    this.#refresh();
  }

  #key(event: KeyboardEvent): void {
    if (this.ended || event.defaultPrevented) return;
    const inControl = (event.target as Element).closest("input, dialog, button, a");
    if (this.#mode === "measure" && !inControl && this.#measuring.key(this.#active, event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && !document.fullscreenElement) this.#setMode("scroll");
    if (event.key === "Delete" && this.#mode === "measure") this.#clearLines();
    const action = actionFor(event, { letters: this.#tools.letters });
    if (!action) return;
    event.preventDefault();
    this.act(action);
  }

  #pane(root: HTMLElement): Pane {
    const pane: Pane = new Pane(root, this.#store, this.page.words, () => this.#refresh());
    handle(pane.face.film, this.#hand(pane));
    return pane;
  }

  #hand(pane: Pane): Hand {
    const touch = pane;
    return {
      mode: () => this.#mode,
      touched: () => this.#activate(touch),
      scroll: (steps) => this.#goTo(pane.index + steps),
      perPicture: () => Math.max(8, Math.min(40, pane.size.height / Math.max(1, pane.pictures.length))),
      move: (by) => this.#move(pane, by),
      center: (at) =>
        this.#move(pane, { x: pane.size.width / 2 - at.x, y: pane.size.height / 2 - at.y }),
      zoom: (factor, at) => this.#zoom(pane, factor, at),
      light: (brightness, contrast) => {
        const { touch: now } = pane.look;
        this.#touch(now.brightness + brightness, now.contrast + contrast);
      },
      press: (at) => this.#measuring.press(pane, at),
      drag: (at) => this.#measuring.drag(pane, at),
      release: (at) => this.#measuring.release(pane, at),
      twice: (at) => {
        if (pane.view.zoom > 1.01) pane.see(fit(pane.view));
        else this.#zoom(pane, CLOSE_LOOK, at);
      },
    };
  }

  #activate(pane: Pane): void {
    if (pane === this.#active) return;
    this.#measuring.cancel();
    this.#active = pane;
    for (const each of this.#panes) each.face.active = each === pane;
    this.#refresh();
  }

  #other(pane: Pane): Pane | undefined {
    return this.#panes.find((each) => each !== pane);
  }

  #goTo(index: number): void {
    const pane = this.#active;
    pane.show(index);
    const other = this.#other(pane);
    if (other && this.#link) other.show(this.#link.partner(pane, other.pictures));
    if (!this.#cine.running && pane.picture) {
      this.#say("picture", { n: pane.index + 1, total: pane.pictures.length });
    }
  }

  #oneOn(): boolean {
    const pane = this.#active;
    const here = pane.drawn === pane.picture;
    const failed = pane.picture !== undefined && this.#store.hasFailed(pane.picture);
    if (!here && !failed) return false;
    this.#goTo((pane.index + 1) % Math.max(1, pane.pictures.length));
    return true;
  }

  #play(): void {
    if (this.#cine.running) {
      this.#cine.stop();
      this.#say("stopped", { n: this.#active.index + 1, total: this.#active.pictures.length });
    } else if (this.#active.pictures.length > 1) {
      this.#cine.pace = paceFor(this.#active.picture?.fps);
      this.#cine.start();
      this.#say("playing", {});
    }
  }

  #zoom(pane: Pane, factor: number, at: Point): void {
    pane.see(zoomAt(pane.view, factor, at, pane.size));
    this.#say("zoom", { percent: Math.round(pane.view.zoom * 100) });
  }

  #move(pane: Pane, by: Point): void {
    const { picture } = pane;
    if (picture) pane.see(panBy(pane.view, by, pane.size, picture));
  }

  #preset(preset: Preset): void {
    const change = (pane: Pane): void => {
      if (preset === "original" || pane.picture?.modality === "CT") {
        pane.lookAs({ ...pane.look, preset, touch: UNTOUCHED });
      }
    };
    change(this.#active);
    const other = this.#other(this.#active);
    if (other && this.#link) change(other);
  }

  #touch(brightness: number, contrast: number): void {
    const bounded = (value: number): number => Math.max(-100, Math.min(100, value));
    const pane = this.#active;
    const touch = { brightness: bounded(brightness), contrast: bounded(contrast) };
    pane.lookAs({ ...pane.look, touch }, { hasty: true });
    this.#refresh();
  }

  #setMode(mode: Mode): void {
    this.#measuring.cancel();
    this.#mode = mode === this.#mode ? "scroll" : mode;
    this.stage.dataset["mode"] = this.#mode;
    if (this.#mode === "measure") {
      this.#cine.stop();
      this.#say("measureHow", {});
    }
    this.#refresh();
  }

  #clearLines(): void {
    this.#measuring.cancel();
    const { picture, lines } = this.#active;
    this.#active.draw(lines.filter((line) => line.key !== picture?.key));
    this.lastMeasure = undefined;
    this.#say("cleared", {});
  }

  #star(): void {
    const { picture, index } = this.#active;
    if (picture) this.#say(this.#stars.toggle(picture) ? "starred" : "unstarred", { n: index + 1 });
  }

  #nextStar(): void {
    const found = this.#stars.after(this.#active.pictures, this.#active.index);
    if (found === undefined) this.#say("noStars", {});
    else this.#goTo(found);
  }

  #compare(): void {
    const first = this.#panes[0]!;
    const second = this.#panes[1];
    if (second) {
      this.#unlink();
      this.#activate(first);
      this.#panes = [first];
      this.#addresses.delete(second);
      second.close();
      this.stage.classList.remove("two");
      this.#say("closed", {});
      return;
    }
    const dialog = document.querySelector<HTMLDialogElement>("#compare")!;
    void choose(dialog, this.#choices, this.#addresses.get(first) ?? "").then((choice) => {
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
    this.#panes = [first, pane];
    for (const each of this.#panes) each.face.active = each === this.#active;
    this.#linkWanted = true;
    void this.open(choice, pane, (pictures) => beside(first, pictures));
  }

  #unlink(): void {
    this.#link = undefined;
  }

  /** Bind the two stacks as they stand now, if there are two and the person wants it. */
  #bind(): void {
    const [a, b] = this.#panes;
    if (!this.#linkWanted || !a?.pictures.length || !b?.pictures.length) return;
    this.#link = new Link(a, b);
    this.#say(this.#link.kind === "place" ? "linkedByPlace" : "linkedByOrder", {});
    this.#refresh();
  }

  #toggleLink(): void {
    this.#linkWanted = !this.#link;
    if (this.#linkWanted) {
      this.#bind();
    } else {
      this.#unlink();
      this.#say("unlinked", {});
    }
  }

  #toggleText(): void {
    this.#text = !this.#text;
    this.stage.classList.toggle("bare", !this.#text);
  }

  #full(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen();
  }

  async #save(): Promise<void> {
    if (!this.page.can_download) return;
    const blob = await this.#active.toBlob();
    if (!blob) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `picture-${this.#active.index + 1}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  #say(sentence: keyof Page["words"], values: Record<string, string | number>): void {
    this.#status.say(fill(this.page.words[sentence], values));
  }

  #sayEdge(sentence: "turned" | "flipped", edge: "top" | "left"): void {
    const { picture, view, face } = this.#active;
    const letters = picture ? edgesOf(view, picture)[edge] : "";
    if (letters) this.#say(sentence, { [edge]: face.towards(letters) });
  }

  #redraw(): void {
    for (const pane of this.#panes) pane.redraw();
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
      two: this.#panes.length > 1,
      linked: this.#link !== undefined,
      text: this.#text,
      name: this.#name,
    });
  }
}

function firstOf(pictures: Pane["pictures"], address: string): number {
  const named = pictureNamed(address);
  const found = named
    ? pictures.findIndex(
        ({ instance, frame }) => instance === named.instance && frame === named.frame,
      )
    : -1;
  return found >= 0 ? found : Math.floor(pictures.length / 2);
}
