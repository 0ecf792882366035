// How does the viewer start on its page, and what do tests see of it?

import "./viewer.css";
import { Desk } from "./desk";
import { showOverflow } from "./overflow";
import { type SeriesCard, readPage, seriesAddress } from "./page";

/** Read-only facts for tests; nothing in the product reads them. */
export interface ViewerState {
  /** Number of the picture on the canvas, from 1; 0 while there is none. */
  readonly picture: number;
  readonly total: number;
  /** The picture asked for is the one on the canvas. */
  readonly ready: boolean;
  readonly ended: boolean;
  readonly windowCenter: number;
  readonly windowWidth: number;
  readonly zoom: number;
  readonly lastMeasure: string;
  /** Red, green and blue on the canvas at a point of the page, in CSS pixels. */
  shownPixels(x: number, y: number): [number, number, number];
}

declare global {
  interface Window {
    safelightViewer?: ViewerState;
  }
}

function stateOf(desk: Desk): ViewerState {
  const on = (): Desk["active"] => desk.active;
  return Object.freeze({
    get picture() {
      const { drawn, pictures } = on();
      return drawn ? pictures.indexOf(drawn) + 1 : 0;
    },
    get total() {
      return on().pictures.length;
    },
    get ready() {
      return on().drawn !== undefined && on().drawn === on().picture;
    },
    get ended() {
      return desk.ended;
    },
    get windowCenter() {
      return on().window?.center ?? NaN;
    },
    get windowWidth() {
      return on().window?.width ?? NaN;
    },
    get zoom() {
      return on().view.zoom;
    },
    get lastMeasure() {
      return desk.lastMeasure;
    },
    shownPixels(x: number, y: number) {
      const box = on().face.film.getBoundingClientRect();
      return on().colourAt({ x: x - box.left, y: y - box.top });
    },
  });
}

function start(): void {
  const stage = document.getElementById("stage")!;
  const page = readPage(stage);
  const desk = new Desk(page, stage);
  window.safelightViewer = stateOf(desk);
  const open = (card: SeriesCard): Promise<void> =>
    desk.open({
      address: seriesAddress(page.root, page.study, card.uid),
      label: card.label,
      first: card.first,
    });

  const strip = document.querySelector<HTMLElement>(".strip");
  strip?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-uid]");
    const card = page.series.find(({ uid }) => uid === link?.dataset["uid"]);
    if (!link || !card || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void open(card);
    if (desk.active !== desk.panes[0]) return;
    for (const each of strip.querySelectorAll("a")) each.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    history.replaceState(null, "", link.href);
  });

  for (const row of document.querySelectorAll<HTMLElement>("[data-row]")) {
    showOverflow(row, row.querySelector(".more"));
  }
  document.body.classList.add("live");
  const card = page.series.find(({ uid }) => uid === page.series_uid);
  void open(card ?? { uid: page.series_uid, label: page.title, count: 0, modality: "", thumb: "", first: "" });
}

start();
