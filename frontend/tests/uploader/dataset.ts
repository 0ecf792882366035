// DICOM bytes of nobody, made by hand, for the tests of the reader.

const LONG = new Set(["OB", "OW", "SQ", "UN", "UT"]);

export type Written = [tag: number, vr: string, value: string | Uint8Array | number];

function bytesOf(value: Written[2], vr: string, little: boolean): Uint8Array {
  if (typeof value === "number") {
    const out = new Uint8Array(2);
    new DataView(out.buffer).setUint16(0, value, little);
    return out;
  }
  if (typeof value !== "string") return value;
  const text = new TextEncoder().encode(value);
  if (text.length % 2 === 0) return text;
  const padded = new Uint8Array(text.length + 1).fill(vr === "UI" ? 0 : 32);
  padded.set(text);
  return padded;
}

export function element([tag, vr, value]: Written, explicit: boolean, little: boolean, length?: number): Uint8Array {
  const body = bytesOf(value, vr, little);
  const long = LONG.has(vr) || !explicit;
  const out = new Uint8Array((explicit && LONG.has(vr) ? 12 : 8) + body.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, tag >>> 16, little);
  view.setUint16(2, tag & 0xffff, little);
  if (explicit) [...vr].forEach((letter, at) => view.setUint8(4 + at, letter.charCodeAt(0)));
  const size = length ?? body.length;
  if (!long) view.setUint16(6, size, little);
  else view.setUint32(explicit ? 8 : 4, size, little);
  out.set(body, out.length - body.length);
  return out;
}

export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export interface Syntax {
  uid: string;
  explicit: boolean;
  little: boolean;
}

export const EXPLICIT: Syntax = { uid: "1.2.840.10008.1.2.1", explicit: true, little: true };
export const IMPLICIT: Syntax = { uid: "1.2.840.10008.1.2", explicit: false, little: true };
export const BIG: Syntax = { uid: "1.2.840.10008.1.2.2", explicit: true, little: false };

export function dataset(elements: readonly Written[], syntax: Syntax): Uint8Array<ArrayBuffer> {
  return join(...elements.map((each) => element(each, syntax.explicit, syntax.little)));
}

export function preamble(uid: string): Uint8Array<ArrayBuffer> {
  return join(new Uint8Array(128), new TextEncoder().encode("DICM"), element([0x00020010, "UI", uid], true, true));
}

export function part10(elements: readonly Written[], syntax: Syntax = EXPLICIT): Uint8Array<ArrayBuffer> {
  return join(preamble(syntax.uid), dataset(elements, syntax));
}

export function picture(overrides: Record<number, string> = {}): Written[] {
  const usual: [number, string, string][] = [
    [0x00080005, "CS", "ISO_IR 192"],
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"],
    [0x00080018, "UI", "2.25.1001"],
    [0x00080020, "DA", "20260428"],
    [0x00080060, "CS", "CT"],
    [0x0008103e, "LO", "Lung"],
    [0x00100010, "PN", "Example^Patient"],
    [0x00100020, "LO", "X1"],
    [0x00100030, "DA", "19740503"],
    [0x00180015, "CS", "CHEST"],
    [0x0020000d, "UI", "2.25.11"],
    [0x0020000e, "UI", "2.25.12"],
    [0x00200013, "IS", "7"],
  ];
  return usual.map(([tag, vr, value]) => [tag, vr, overrides[tag] ?? value]);
}
