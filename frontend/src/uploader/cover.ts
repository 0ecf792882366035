// What does a series look like? A small picture of one of its files, drawn in this browser only.
import type { Header } from "./header";
import { Tag } from "./tags";

/** The canvas shows the middle of it. */
export const COVER = { width: 112, height: 112 } as const;
const LARGEST_PIXELS = 64 << 20;

export interface Plane {
  rows: number;
  columns: number;
  samples: number;
  wide: boolean;
  signed: boolean;
  planar: boolean;
  little: boolean;
  inverted: boolean;
  /** Bytes of one frame. */
  size: number;
}

/** How the first frame lies in native pixel data, or null when it is compressed or unusual. */
export function planeOf(header: Header): Plane | null {
  const [rows, columns] = [header.short(Tag.Rows), header.short(Tag.Columns)];
  const samples = header.short(Tag.SamplesPerPixel) ?? 1;
  const bits = header.short(Tag.BitsAllocated);
  const photometric = header.text(Tag.PhotometricInterpretation);
  const shown = samples === 1 ? photometric.startsWith("MONOCHROME") : samples === 3 && photometric === "RGB";
  if (!rows || !columns || !shown || (bits !== 8 && bits !== 16) || (samples === 3 && bits !== 8)) return null;
  const bytes = rows * columns * samples * (bits / 8);
  if (bytes > LARGEST_PIXELS || header.syntax.deflated) return null;
  return {
    rows,
    columns,
    samples,
    wide: bits === 16,
    signed: header.short(Tag.PixelRepresentation) === 1,
    planar: header.short(Tag.PlanarConfiguration) === 1,
    little: header.syntax.little,
    inverted: photometric === "MONOCHROME1",
    size: bytes,
  };
}

/** The window in stored values: what the header asks for, or null. */
export function windowOf(header: Header): { low: number; high: number } | null {
  const [center, width] = [header.number(Tag.WindowCenter), header.number(Tag.WindowWidth)];
  if (center === null || width === null || width < 1) return null;
  const slope = header.number(Tag.RescaleSlope) || 1;
  const intercept = header.number(Tag.RescaleIntercept) ?? 0;
  return { low: (center - width / 2 - intercept) / slope, high: (center + width / 2 - intercept) / slope };
}

/** Sample a frame down to at most `width` x `height`, as RGBA bytes. */
export function shrink(
  pixels: DataView,
  plane: Plane,
  window: { low: number; high: number } | null,
  within: { width: number; height: number },
): { data: Uint8ClampedArray<ArrayBuffer>; width: number; height: number } {
  const scale = Math.max(1, plane.columns / within.width, plane.rows / within.height);
  const width = Math.max(1, Math.floor(plane.columns / scale));
  const height = Math.max(1, Math.floor(plane.rows / scale));
  const value = (at: number): number => {
    if (!plane.wide) return pixels.getUint8(at);
    return plane.signed ? pixels.getInt16(at * 2, plane.little) : pixels.getUint16(at * 2, plane.little);
  };
  const area = plane.rows * plane.columns;
  const values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = Math.floor(y * scale) * plane.columns + Math.floor(x * scale);
      for (let s = 0; s < plane.samples; s++) values.push(value(plane.planar ? s * area + at : at * plane.samples + s));
    }
  }
  const range = plane.samples === 3 ? { low: 0, high: 255 } : (window ?? extent(values));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let s = 0; s < 3; s++) {
      const raw = values[i * plane.samples + (plane.samples === 3 ? s : 0)] ?? 0;
      const grey = ((raw - range.low) / (range.high - range.low || 1)) * 255;
      data[i * 4 + s] = plane.inverted ? 255 - grey : grey;
    }
    data[i * 4 + 3] = 255;
  }
  return { data, width, height };
}

function extent(values: readonly number[]): { low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { low: at(0.01), high: at(0.995) };
}
