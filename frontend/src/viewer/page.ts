// What does the page tell the viewer? The contract stands in frontend/README.md.

import type { Picture } from "./pictures";
import { type Words, english } from "./words";

export interface SeriesCard {
  readonly uid: string;
  readonly label: string;
  readonly count: number;
  readonly modality: string;
  /** Address of a small picture. */
  readonly thumb: string;
  /** Address of the picture the server shows first; names instance and frame. */
  readonly first: string;
}

/** A series of another exam of the same person. */
export interface OtherSeries {
  readonly study: string;
  readonly series: string;
  readonly label: string;
  /** The day of the exam, as 2026-04-28. */
  readonly date?: string;
  /** Where the other exam is served, if not where this one is. */
  readonly root?: string;
}

export interface KeyImage {
  readonly instance: string;
  readonly frame?: number;
}

export interface Page {
  readonly root: string;
  readonly study: string;
  readonly title: string;
  readonly date: string;
  readonly series: readonly SeriesCard[];
  readonly series_uid: string;
  readonly compare_with: readonly OtherSeries[];
  readonly key_images: readonly KeyImage[];
  readonly can_download: boolean;
  readonly ended_url: string;
  readonly words: Words;
}

/** Read the data block; the attributes of the stage win where both say something. */
export function readPage(stage: HTMLElement): Page {
  const block = document.getElementById("viewer-data")?.textContent ?? "{}";
  const said = JSON.parse(block) as Partial<Omit<Page, "words">> & { words?: Partial<Words> };
  const { root, study, series } = stage.dataset;
  return {
    root: ownAddress(root ?? said.root ?? "/dicomweb"),
    study: study ?? said.study ?? "",
    title: said.title ?? "",
    date: said.date ?? "",
    series: said.series ?? [],
    series_uid: series ?? said.series_uid ?? said.series?.[0]?.uid ?? "",
    compare_with: said.compare_with ?? [],
    key_images: said.key_images ?? [],
    can_download: said.can_download ?? false,
    ended_url: said.ended_url ?? "/",
    words: { ...english, ...said.words },
  };
}

/** Only this server is ever asked: an address that leads elsewhere is refused. */
export function ownAddress(address: string): string {
  const found = new URL(address, location.href);
  if (found.origin !== location.origin) throw new Error("pictures come from this server only");
  return found.pathname.replace(/\/$/, "");
}

export const seriesAddress = (root: string, study: string, series: string): string =>
  `${root}/studies/${encodeURIComponent(study)}/series/${encodeURIComponent(series)}`;

/** Which picture an address names: .../instances/<uid>[/frames/<n>]/rendered */
export function pictureNamed(address: string): { instance: string; frame: number } | undefined {
  const found = /\/instances\/([^/?]+)(?:\/frames\/(\d+))?/.exec(address);
  return found ? { instance: decodeURIComponent(found[1]!), frame: Number(found[2] ?? 1) } : undefined;
}

/** The picture an address names, where the series has it, else the middle one. */
export function firstOf(pictures: readonly Picture[], address: string): number {
  const named = pictureNamed(address);
  const found = pictures.findIndex(
    ({ instance, frame }) => instance === named?.instance && frame === named.frame,
  );
  return found >= 0 ? found : Math.floor(pictures.length / 2);
}
