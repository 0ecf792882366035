// What is in the image of a disc (ISO 9660), and where do its files lie? Read where it lies, never copied.

const SECTOR = 2048;
const MARK_AT = 16 * SECTOR + 1;
const LAST_DESCRIPTOR = 80;
const FOLDER = 0x02;
const ASSOCIATED = 0x04;
const MORE = 0x80;
const SHORTEST = 34;
const DEEPEST = 64;
const MOST_FILES = 100_000;
const LARGEST_FOLDERS = 64 << 20;

export class BadImageError extends Error {}

export interface ImageFile {
  path: string;
  blob: Blob;
}

interface Extent {
  offset: number;
  size: number;
}

interface Listed {
  name: string;
  extent: Extent;
  flags: number;
  interleaved: boolean;
}

const text = (bytes: Uint8Array): string => new TextDecoder("windows-1252").decode(bytes);

async function bytesAt(image: Blob, { offset, size }: Extent): Promise<DataView> {
  if (offset + size > image.size) throw new BadImageError("cut off");
  return new DataView(await image.slice(offset, offset + size).arrayBuffer());
}

/** Is this the image of a disc, as far as its first mark tells? */
export async function isImage(blob: Blob): Promise<boolean> {
  const mark = await blob.slice(MARK_AT, MARK_AT + 5).arrayBuffer();
  return ["CD001", "BEA01", "NSR02", "NSR03"].includes(text(new Uint8Array(mark)));
}

function extentOf(view: DataView, at: number): Extent {
  const sector = view.getUint32(at + 2, true) + view.getUint8(at + 1);
  return { offset: sector * SECTOR, size: view.getUint32(at + 10, true) };
}

async function rootOf(image: Blob): Promise<Extent> {
  for (let number = 16; number < LAST_DESCRIPTOR; number++) {
    const view = await bytesAt(image, { offset: number * SECTOR, size: SECTOR });
    if (text(new Uint8Array(view.buffer, 1, 5)) !== "CD001") break;
    if (view.getUint8(0) !== 1) continue;
    if (view.getUint16(128, true) !== SECTOR) break;
    return extentOf(view, 156);
  }
  throw new BadImageError("not ISO 9660");
}

function* listedIn(view: DataView): Generator<Listed> {
  for (let sector = 0; sector < view.byteLength; sector += SECTOR) {
    const end = Math.min(sector + SECTOR, view.byteLength);
    for (let at = sector; at < end; ) {
      const length = view.getUint8(at);
      if (length === 0) break;
      if (length < SHORTEST || at + length > end || 33 + view.getUint8(at + 32) > length) throw new BadImageError("torn");
      const raw = text(new Uint8Array(view.buffer, at + 33, view.getUint8(at + 32)));
      if (raw !== "" && raw !== "\0" && raw !== "\x01") {
        const name = (raw.split(";")[0] as string).replace(/\.$/, "");
        const interleaved = view.getUint8(at + 26) !== 0 || view.getUint8(at + 27) !== 0;
        yield { name, extent: extentOf(view, at), flags: view.getUint8(at + 25), interleaved };
      }
      at += length;
    }
  }
}

function requireApart(extents: Extent[]): void {
  const lying = extents.filter(({ size }) => size > 0).sort((one, other) => one.offset - other.offset);
  lying.forEach((each, at) => {
    const next = lying[at + 1];
    if (next && each.offset + each.size > next.offset) throw new BadImageError("overlapping");
  });
}

/**
 * List the files of an image; a second name of the same bytes is left out.
 *
 * @throws BadImageError not ISO 9660, cut off, in a circle, overlapping, or larger than any disc.
 */
export async function listImage(image: Blob): Promise<ImageFile[]> {
  const files = new Map<string, { path: string; parts: Extent[] }>();
  const waiting = [{ above: "", extent: await rootOf(image), depth: 0 }];
  const entered = new Map<number, Extent>();
  let read = 0;
  for (let folder = waiting.shift(); folder; folder = waiting.shift()) {
    read += folder.extent.size;
    if (entered.has(folder.extent.offset) || folder.depth > DEEPEST) throw new BadImageError("in a circle");
    if (read > LARGEST_FOLDERS || files.size + waiting.length > MOST_FILES) throw new BadImageError("too many files");
    entered.set(folder.extent.offset, folder.extent);
    let parts: Extent[] = [];
    for (const { name, extent, flags, interleaved } of listedIn(await bytesAt(image, folder.extent))) {
      const path = folder.above + name;
      if (flags & FOLDER) waiting.push({ above: `${path}/`, extent, depth: folder.depth + 1 });
      else if (!(flags & ASSOCIATED)) {
        if (interleaved || extent.offset + extent.size > image.size) throw new BadImageError("cut off");
        parts.push(extent);
        if (flags & MORE) continue;
        const key = parts.map(({ offset, size }) => `${offset}+${size}`).join();
        if (!files.has(key)) files.set(key, { path, parts });
        parts = [];
      }
    }
    if (parts.length > 0) throw new BadImageError("torn");
  }
  requireApart([...[...files.values()].flatMap(({ parts }) => parts), ...entered.values()]);
  return [...files.values()].map(({ path, parts }) => ({
    path,
    blob: new Blob(parts.map(({ offset, size }) => image.slice(offset, offset + size))),
  }));
}
