// What is in a zip, and what are the bytes of one of its files? Read where it lies, never unpacked whole.

const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

export const MOST_ENTRIES = 100_000;
export const LARGEST_DIRECTORY = 64 << 20;
/** More than this many bytes out of one byte in is a bomb, not a picture. */
export const STEEPEST_RATIO = 1100;

export class BadZipError extends Error {}

export interface ZipEntry {
  path: string;
  method: number;
  packed: number;
  size: number;
  offset: number;
  encrypted: boolean;
}

async function viewOf(blob: Blob, from: number, length: number): Promise<DataView> {
  const view = new DataView(await blob.slice(from, from + length).arrayBuffer());
  if (view.byteLength < Math.min(length, blob.size)) throw new BadZipError("cut off");
  return view;
}

interface Directory {
  count: number;
  size: number;
  offset: number;
}

async function findDirectory(zip: Blob): Promise<Directory> {
  const length = Math.min(zip.size, 22 + LONGEST_COMMENT);
  const tail = await viewOf(zip, zip.size - length, length);
  for (let at = tail.byteLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const end = {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
    const wide = end.count === 0xffff || end.size === 0xffffffff || end.offset === 0xffffffff;
    return wide ? await findWideDirectory(zip, tail, at) : end;
  }
  throw new BadZipError("no directory");
}

async function findWideDirectory(zip: Blob, tail: DataView, at: number): Promise<Directory> {
  if (at < 20 || tail.getUint32(at - 20, true) !== END_64_LOCATOR) throw new BadZipError("no zip64");
  const record = await viewOf(zip, Number(tail.getBigUint64(at - 12, true)), 56);
  if (record.byteLength < 56 || record.getUint32(0, true) !== END_64) throw new BadZipError("no zip64");
  return {
    count: Number(record.getBigUint64(32, true)),
    size: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}

function widen(entry: ZipEntry, extra: DataView): void {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1) {
      let next = at + 4;
      for (const field of ["size", "packed", "offset"] as const) {
        if (entry[field] !== 0xffffffff || next + 8 > extra.byteLength) continue;
        entry[field] = Number(extra.getBigUint64(next, true));
        next += 8;
      }
    }
    at += 4 + length;
  }
}

/**
 * List the files of a zip from its central directory.
 *
 * @throws BadZipError not a zip, cut off, or larger than any disc of pictures.
 */
export async function listZip(zip: Blob): Promise<ZipEntry[]> {
  const directory = await findDirectory(zip);
  if (directory.count > MOST_ENTRIES || directory.size > LARGEST_DIRECTORY) {
    throw new BadZipError("too many files");
  }
  const view = await viewOf(zip, directory.offset, directory.size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let n = 0; n < directory.count; n++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw new BadZipError("torn");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [
      number, number, number,
    ];
    if (at + 46 + nameLength + extraLength > view.byteLength) throw new BadZipError("torn");
    const flags = view.getUint16(at + 8, true);
    const name = new Uint8Array(view.buffer, at + 46, nameLength);
    const entry: ZipEntry = {
      path: new TextDecoder(flags & 0x800 ? "utf-8" : "windows-1252").decode(name),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
      encrypted: (flags & 1) === 1,
    };
    widen(entry, new DataView(view.buffer, at + 46 + nameLength, extraLength));
    if (!entry.path.endsWith("/")) entries.push(entry);
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

async function packedBytes(zip: Blob, entry: ZipEntry): Promise<Blob> {
  const local = await viewOf(zip, entry.offset, 30);
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL) throw new BadZipError("no local header");
  const from = entry.offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (from + entry.packed > zip.size) throw new BadZipError("cut off");
  return zip.slice(from, from + entry.packed);
}

/** Inflate at most `limit` bytes of raw deflate; a cut-off end is no error while bytes came. */
export async function inflate(packed: Blob, limit: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  try {
    while (total < limit) {
      const { done, value } = await reader.read();
      if (done) return pieces;
      pieces.push(value.subarray(0, limit - total));
      total += value.length;
    }
  } catch (error) {
    if (total === 0) throw error;
    return pieces;
  }
  await reader.cancel();
  return pieces;
}

/** Can this browser open what lies packed in a zip? */
export function canRead(entry: ZipEntry): boolean {
  if (entry.encrypted) return false;
  if (entry.method === STORED) return entry.packed === entry.size;
  return entry.method === DEFLATED && entry.size <= Math.max(1, entry.packed) * STEEPEST_RATIO;
}

/** The first `limit` bytes of a file in a zip. */
export async function readEntry(zip: Blob, entry: ZipEntry, limit = entry.size): Promise<Blob> {
  if (!canRead(entry)) throw new BadZipError("not readable here");
  const packed = await packedBytes(zip, entry);
  if (entry.method === STORED) return packed.slice(0, limit);
  const wanted = Math.min(limit, entry.size);
  const blob = new Blob(await inflate(packed, wanted));
  if (blob.size < wanted) throw new BadZipError("shorter than it says");
  return blob;
}
