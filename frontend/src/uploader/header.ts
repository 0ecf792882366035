// What does the beginning of a DICOM file say, without trusting any length in it?
import { decodeText } from "./charset";
import { Tag } from "./tags";

const EXPLICIT_BIG = "1.2.840.10008.1.2.2";
const IMPLICIT_LITTLE = "1.2.840.10008.1.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const DEEPEST = 16;
const MOST_ELEMENTS = 20_000;
const LONG_VRS = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);

export class NotDicomError extends Error {}

/** The bytes ended before the wanted elements did: read more of the file. */
export class NeedMoreError extends Error {}

interface Element {
  offset: number;
  length: number;
}

export interface Syntax {
  uid: string;
  explicit: boolean;
  little: boolean;
  deflated: boolean;
}

/** Where the data set begins and how it is written. */
export interface Start {
  offset: number;
  syntax: Syntax;
  charset: readonly string[];
}

function isVr(first: number, second: number): boolean {
  return first >= 65 && first <= 90 && second >= 65 && second <= 90;
}

class Cursor {
  at: number;
  private readonly view: DataView;
  private elements = 0;

  constructor(
    readonly bytes: Uint8Array,
    at: number,
    readonly explicit: boolean,
    readonly little: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Read an element's tag and length; `at` is then at its value. */
  open(): { tag: number; vr: string; length: number } {
    if (++this.elements > MOST_ELEMENTS) throw new NotDicomError("too many elements");
    if (this.at + 8 > this.bytes.length) throw new NeedMoreError();
    const tag =
      this.view.getUint16(this.at, this.little) * 0x10000 +
      this.view.getUint16(this.at + 2, this.little);
    let length: number;
    let vr = "";
    if (tag >= ITEM && tag <= SEQUENCE_END) {
      length = this.view.getUint32(this.at + 4, this.little);
    } else if (this.explicit) {
      const first = this.bytes[this.at + 4] ?? 0;
      const second = this.bytes[this.at + 5] ?? 0;
      if (!isVr(first, second)) throw new NotDicomError("no value representation");
      vr = String.fromCharCode(first, second);
      if (LONG_VRS.has(vr)) {
        if (this.at + 12 > this.bytes.length) throw new NeedMoreError();
        length = this.view.getUint32(this.at + 8, this.little);
        this.at += 4;
      } else {
        length = this.view.getUint16(this.at + 6, this.little);
      }
    } else {
      length = this.view.getUint32(this.at + 4, this.little);
    }
    this.at += 8;
    return { tag, vr, length };
  }

  /** Go past a value of undefined length: items, and elements within them. */
  skipUndefined(depth = 0): void {
    if (depth > DEEPEST) throw new NotDicomError("nested too deep");
    for (;;) {
      const { tag, length } = this.open();
      if (tag === SEQUENCE_END) return;
      if (tag !== ITEM) throw new NotDicomError("no item");
      if (length !== UNDEFINED) this.at += length;
      else this.skipItem(depth);
    }
  }

  private skipItem(depth: number): void {
    for (;;) {
      const { tag, length } = this.open();
      if (tag === ITEM_END) return;
      if (length === UNDEFINED) this.skipUndefined(depth + 1);
      else this.at += length;
    }
  }
}

function looksExplicit(bytes: Uint8Array, at: number): boolean {
  return isVr(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0);
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/[\0 ]+$/, "");
}

function hasPrefix(bytes: Uint8Array): boolean {
  return ascii(bytes.subarray(128, 132)) === "DICM";
}

function syntaxOf(uid: string, bytes: Uint8Array, at: number): Syntax {
  const little = uid !== EXPLICIT_BIG;
  // Some writers name one syntax and use another: what is there decides.
  const explicit = uid === DEFLATED || (uid === IMPLICIT_LITTLE ? false : looksExplicit(bytes, at));
  return { uid, explicit, little, deflated: uid === DEFLATED };
}

/**
 * Find the data set: behind the preamble and group 0002, or at the first byte of a file
 * that has neither (old discs).
 */
export function findStart(bytes: Uint8Array): Start {
  const prefixed = hasPrefix(bytes);
  const begin = prefixed ? 132 : 0;
  let uid = "";
  const meta = new Cursor(bytes, begin, true, true);
  if (bytes[begin] === 2 && bytes[begin + 1] === 0) {
    while (meta.at + 1 < bytes.length && bytes[meta.at] === 2 && bytes[meta.at + 1] === 0) {
      const { tag, length } = meta.open();
      if (length === UNDEFINED || meta.at + length > bytes.length) throw new NeedMoreError();
      if (tag === Tag.TransferSyntaxUID) uid = ascii(bytes.subarray(meta.at, meta.at + length));
      meta.at += length;
    }
  } else if (!prefixed && !beginsWithGroup8(bytes)) {
    throw new NotDicomError("neither preamble nor group 0008");
  }
  const bigEndian = uid === "" && bytes[meta.at] === 0 && bytes[meta.at + 1] === 8;
  const syntax = syntaxOf(bigEndian ? EXPLICIT_BIG : uid, bytes, meta.at);
  return { offset: meta.at, syntax, charset: [] };
}

function beginsWithGroup8(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16) return false;
  const big = view.getUint16(0) === 8 && looksExplicit(bytes, 0) && view.getUint16(2) <= 0x18;
  const little = view.getUint16(0, true) === 8 && view.getUint16(2, true) <= 0x18;
  if (!big && !little) return false;
  return looksExplicit(bytes, 0) || view.getUint32(4, true) <= 256;
}

/** What was read of one header. Text values come decoded; nothing here is kept or sent. */
export class Header {
  constructor(
    readonly syntax: Syntax,
    private readonly bytes: Uint8Array,
    private readonly elements: ReadonlyMap<number, Element>,
    /** Where the pixel bytes begin in the data set's file, or null. */
    readonly pixelOffset: number | null,
  ) {}

  raw(tag: number): Uint8Array | null {
    const element = this.elements.get(tag);
    return element ? this.bytes.subarray(element.offset, element.offset + element.length) : null;
  }

  text(tag: number): string {
    const raw = this.raw(tag);
    if (!raw) return "";
    const charset = this.raw(Tag.SpecificCharacterSet);
    const terms = charset ? ascii(charset).split("\\").map((term) => term.trim()) : [];
    return decodeText(raw, terms).replace(/[\0 ]+$/, "").replace(/^ +/, "");
  }

  /** The first of the values of a numeric string, or null. */
  number(tag: number): number | null {
    const text = this.text(tag).split("\\")[0]?.trim() ?? "";
    const value = Number(text);
    return text === "" || Number.isNaN(value) ? null : value;
  }

  /** A US value, or null. */
  short(tag: number): number | null {
    const raw = this.raw(tag);
    if (!raw || raw.length < 2) return null;
    return new DataView(raw.buffer, raw.byteOffset, 2).getUint16(0, this.syntax.little);
  }
}

/**
 * Read the elements of a data set up to and with `last`.
 *
 * @throws NeedMoreError when `bytes` end before that and `whole` is false.
 * @throws NotDicomError when this is not a data set.
 */
export function readHeader(bytes: Uint8Array, start: Start, last: number, whole: boolean): Header {
  const { syntax } = start;
  const cursor = new Cursor(bytes, start.offset, syntax.explicit, syntax.little);
  const elements = new Map<number, Element>();
  let pixelOffset: number | null = null;
  try {
    while (!cursor.done) {
      const { tag, length } = cursor.open();
      if (tag === Tag.PixelData) pixelOffset = length === UNDEFINED ? null : cursor.at;
      if (tag > last || tag >= Tag.PixelData) break;
      if (length === UNDEFINED) {
        cursor.skipUndefined();
        continue;
      }
      if (cursor.at + length <= bytes.length) elements.set(tag, { offset: cursor.at, length });
      cursor.at += length;
    }
    if (cursor.at > bytes.length || (cursor.done && !whole)) throw new NeedMoreError();
  } catch (error) {
    if (!(error instanceof NeedMoreError) || !whole) throw error;
  }
  return new Header(syntax, bytes, elements, pixelOffset);
}
