// Which pictures does a series hold, and how are their pixels meant? (PS3.3 C.7.6.3, C.7.6.16)

import { type Place, orientation, place } from "./geometry";
import { type DataSet, items, number, numbers, text } from "./model";
import { type VoiFunction, type Window, usable } from "./voi";

export interface Pixels {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly floating: boolean;
  /** Colour comes from the server as a finished picture. */
  readonly colour: boolean;
  /** The lowest value is shown white. */
  readonly inverse: boolean;
  readonly padding: number | undefined;
}

export interface Table {
  readonly first: number;
  readonly entries: ArrayLike<number>;
  readonly bits: number;
}

/** A lookup table whose entries may have to be fetched. */
export interface TableSource {
  readonly descriptor: readonly number[];
  readonly inline: string | undefined;
  readonly numbers: readonly number[];
  readonly address: string | undefined;
}

export type Unit = "mm" | "detector" | "px";

export interface Spacing {
  readonly row: number;
  readonly column: number;
  readonly unit: Unit;
}

export interface Picture {
  /** The address of the frame: no two pictures share it. */
  readonly key: string;
  /** The address of the instance. */
  readonly address: string;
  readonly instance: string;
  readonly frame: number;
  readonly instanceNumber: number;
  readonly modality: string;
  readonly pixels: Pixels;
  readonly slope: number;
  readonly intercept: number;
  readonly window: Window | undefined;
  readonly modalityTable: TableSource | undefined;
  readonly voiTable: TableSource | undefined;
  readonly spacing: Spacing;
  readonly place: Place | undefined;
  /** Letters of the right edge and the lower edge where there are no direction cosines. */
  readonly edges: readonly [string, string] | undefined;
  readonly thickness: number | undefined;
  readonly fps: number | undefined;
  /** The data set it came from: for the name, when someone asks to see it. */
  readonly data: DataSet;
}

const LARGEST_SIDE = 65_535;

/** Every picture of the series, in no order yet. Objects without pixels are left out. */
export function picturesOf(metadata: readonly DataSet[], seriesAddress: string): Picture[] {
  return metadata.flatMap((data) => {
    const rows = number(data, "00280010") ?? 0;
    const columns = number(data, "00280011") ?? 0;
    if (!text(data, "00080018") || !(rows > 0 && columns > 0 && rows <= LARGEST_SIDE && columns <= LARGEST_SIDE)) {
      return [];
    }
    const count = Math.max(1, Math.trunc(number(data, "00280008") ?? 1));
    const own = items(data, "52009230");
    const shared = items(data, "52009229")[0];
    return Array.from({ length: count }, (_, index) =>
      picture(data, seriesAddress, index + 1, places(data, own[index], shared)),
    );
  });
}

const MACROS = ["00209113", "00209116", "00289110", "00289132", "00289145"];

/** Where an attribute may stand, the most particular first. */
function places(data: DataSet, own: DataSet | undefined, shared: DataSet | undefined): DataSet[] {
  const macros = [own, shared].flatMap((group) =>
    group ? MACROS.flatMap((macro) => items(group, macro).slice(0, 1)) : [],
  );
  return [...macros, data];
}

function picture(data: DataSet, series: string, frame: number, where: DataSet[]): Picture {
  const list = (tag: string): number[] => {
    for (const each of where) {
      const found = numbers(each, tag);
      if (found.length) return found;
    }
    return [];
  };
  const table = (tag: string): TableSource | undefined => {
    for (const each of where) {
      const found = items(each, tag)[0];
      if (found) return tableSource(found);
    }
    return undefined;
  };
  const cosines = list("00200037");
  const instance = text(data, "00080018");
  const address = `${series}/instances/${encodeURIComponent(instance)}`;
  return {
    key: `${address}/frames/${frame}`,
    address,
    instance,
    frame,
    instanceNumber: number(data, "00200013") ?? 0,
    modality: text(data, "00080060"),
    pixels: pixels(data),
    slope: list("00281053")[0] || 1,
    intercept: list("00281052")[0] ?? 0,
    window: firstWindow(where),
    modalityTable: table("00283000"),
    voiTable: table("00283010"),
    spacing: spacing(data, list("00280030"), list("00181164")),
    place: place(cosines, list("00200032"), text(data, "00200052")),
    edges: orientation(cosines) ? undefined : edges(data),
    thickness: list("00180050")[0],
    fps: framesPerSecond(data),
    data,
  };
}

function pixels(data: DataSet): Pixels {
  const allocated = number(data, "00280100") ?? 16;
  const stored = Math.min(number(data, "00280101") ?? allocated, allocated);
  const high = number(data, "00280102") ?? stored - 1;
  const floating = "7FE00008" in data || "7FE00009" in data;
  const photometric = text(data, "00280004");
  return {
    rows: number(data, "00280010")!,
    columns: number(data, "00280011")!,
    bitsAllocated: allocated,
    bitsStored: stored,
    highBit: high >= stored - 1 && high < allocated ? high : stored - 1,
    signed: number(data, "00280103") === 1,
    floating,
    colour: (number(data, "00280002") ?? 1) > 1 || photometric === "PALETTE COLOR",
    inverse: photometric === "MONOCHROME1" || text(data, "20500020") === "INVERSE",
    padding: floating ? undefined : number(data, "00280120"),
  };
}

function firstWindow(where: DataSet[]): Window | undefined {
  for (const each of where) {
    const centers = numbers(each, "00281050");
    const widths = numbers(each, "00281051");
    const called = text(each, "00281056");
    const fn: VoiFunction =
      called === "SIGMOID" || called === "LINEAR_EXACT" ? called : "LINEAR";
    for (const [index, center] of centers.entries()) {
      const window = { center, width: widths[index] ?? 0, fn };
      if (usable(window)) return window;
    }
  }
  return undefined;
}

function tableSource(item: DataSet): TableSource | undefined {
  const descriptor = numbers(item, "00283002");
  const data = item["00283006"];
  if (descriptor.length !== 3 || !data) return undefined;
  return {
    descriptor,
    inline: data.InlineBinary,
    numbers: numbers(item, "00283006"),
    address: data.BulkDataURI,
  };
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => Math.abs(value - b[at]!) < 1e-6);

const isPair = (pair: readonly number[]): boolean => pair.length >= 2 && pair[0]! > 0 && pair[1]! > 0;

/** How far apart pixels are, and where that was measured (PS3.3 10.7.1.3). */
function spacing(data: DataSet, inPatient: number[], atDetector: number[]): Spacing {
  if (isPair(inPatient)) {
    // The same number in both places, and no calibration: nobody corrected for magnification.
    const uncorrected = same(inPatient, atDetector) && !text(data, "00280A02");
    return { row: inPatient[0]!, column: inPatient[1]!, unit: uncorrected ? "detector" : "mm" };
  }
  if (isPair(atDetector)) return { row: atDetector[0]!, column: atDetector[1]!, unit: "detector" };
  const aspect = numbers(data, "00280034");
  return isPair(aspect)
    ? { row: aspect[0]! / aspect[1]!, column: 1, unit: "px" }
    : { row: 1, column: 1, unit: "px" };
}

function edges(data: DataSet): [string, string] | undefined {
  const found = data["00200020"]?.Value;
  if (text(data, "00102210") === "QUADRUPED" || !Array.isArray(found)) return undefined;
  const [right, down] = found;
  const known = /^[LRAPHF]{1,3}$/;
  return typeof right === "string" && typeof down === "string" && known.test(right) && known.test(down)
    ? [right, down]
    : undefined;
}

function framesPerSecond(data: DataSet): number | undefined {
  const said = number(data, "00082144") ?? number(data, "00180040");
  const apart = number(data, "00181063");
  const rate = said ?? (apart ? 1000 / apart : undefined);
  return rate && rate > 0 ? rate : undefined;
}
