// What is in the picked files, and where are their bytes? Runs in the worker; nothing is sent from here.
import { isImage, listImage } from "./disc-image";
import type { Found, Left, LeftOut } from "./found";
import { factsOf } from "./facts";
import { findStart, Header, NeedMoreError, readHeader, type Start } from "./header";
import type { Picked, Progress } from "./protocol";
import { hex, sha256OfBlob, sha256OfText } from "./sha256";
import { sniff } from "./sniff";
import { DICOMDIR_CLASS, Tag } from "./tags";
import { inflate, listZip, readEntry, type ZipEntry } from "./zip";

/** Enough for nearly every header; the rest is read again with more. */
const FIRST = 64 << 10;
const MOST_HEADER = 16 << 20;
const INFLATED_HEADER = 1 << 20;
const AT_ONCE = 4;

interface Place {
  path: string;
  size: number;
  source: Blob;
  entry: ZipEntry | null;
}

/** The files of one pick. Index numbers stay valid as long as this lives. */
export class Media {
  private readonly places: Place[] = [];
  readonly found = new Map<number, Found>();
  readonly left = new Map<number, Left>();
  private readonly marks = new Map<string, number[]>();

  constructor(private readonly largest: number) {}

  /** Look at every file by content; `tell` hears how far it is. */
  async scan(picked: readonly Picked[], tell: (progress: Progress) => void): Promise<void> {
    for (const { file, path } of picked) await this.place(file, path);
    await this.look([...this.places.keys()].filter((index) => !this.left.has(index)), tell);
  }

  /** Look again at files that could not be read. */
  async look(indexes: readonly number[], tell: (progress: Progress) => void): Promise<void> {
    let next = 0;
    const total = indexes.length;
    const work = async (): Promise<void> => {
      while (next < total) {
        const looked = next++;
        const index = indexes[looked] as number;
        this.left.delete(index);
        await this.lookAt(index);
        tell({ looked: looked + 1, total, found: this.found.size, path: this.places[index]?.path ?? "" });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** The first `limit` bytes of a file, or all of it. */
  async bytes(index: number, limit?: number): Promise<Blob> {
    const place = this.places[index];
    if (!place) throw new RangeError("no such file");
    if (place.entry) return readEntry(place.source, place.entry, limit);
    return limit === undefined ? place.source : place.source.slice(0, limit);
  }

  sizeOf(index: number): number {
    return this.places[index]?.size ?? 0;
  }

  private async place(file: File, path: string): Promise<void> {
    let sort: string;
    try {
      sort = sniff(new Uint8Array(await file.slice(0, 132).arrayBuffer()));
    } catch {
      sort = "unreadable";
    }
    if (["other", "page", "program"].includes(sort) && (await isImage(file).catch(() => false))) return this.placeImage(file, path);
    if (sort !== "zip") {
      this.places.push({ path, size: file.size, source: file, entry: null });
      return;
    }
    try {
      for (const entry of await listZip(file)) {
        this.places.push({ path: `${path}/${entry.path}`, size: entry.size, source: file, entry });
      }
    } catch {
      this.skip(this.places.push({ path, size: 0, source: file, entry: null }) - 1, "bad-zip");
    }
  }

  private async placeImage(file: File, path: string): Promise<void> {
    try {
      for (const { path: inner, blob } of await listImage(file)) {
        this.places.push({ path: `${path}/${inner}`, size: blob.size, source: blob, entry: null });
      }
    } catch {
      this.skip(this.places.push({ path, size: 0, source: file, entry: null }) - 1, "bad-image");
    }
  }

  private skip(index: number, why: LeftOut): void {
    this.left.set(index, { index, path: this.places[index]?.path ?? "", why });
  }

  private async lookAt(index: number): Promise<void> {
    const place = this.places[index] as Place;
    if (place.entry?.encrypted) return this.skip(index, "locked-zip");
    if (place.size > this.largest) return this.skip(index, "too-large");
    try {
      const first = new Uint8Array(await (await this.bytes(index, FIRST)).arrayBuffer());
      const sort = sniff(first);
      if (sort === "dicom") await this.lookAtDicom(index, place, first);
      else if (sort === "zip") this.skip(index, place.entry ? "nested-zip" : "bad-zip");
      else if (sort === "pdf" || sort === "jpeg" || sort === "png") await this.keepDocument(index, place, first, sort);
      else this.skip(index, sort);
    } catch {
      this.skip(index, "unreadable");
    }
  }

  private async keepDocument(index: number, place: Place, first: Uint8Array<ArrayBuffer>, kind: "pdf" | "jpeg" | "png"): Promise<void> {
    const mark = hex(await crypto.subtle.digest("SHA-256", first));
    this.found.set(index, { index, path: place.path, size: place.size, kind, mark, dicom: null });
  }

  private async lookAtDicom(index: number, place: Place, first: Uint8Array): Promise<void> {
    let header: Header;
    try {
      header = await this.header(index, Tag.BurnedInAnnotation, first);
    } catch {
      return this.skip(index, "other");
    }
    const facts = factsOf(header);
    if (facts.sopClass === DICOMDIR_CLASS || this.isIndex(first)) return this.skip(index, "index");
    const uid = header.text(Tag.SOPInstanceUID);
    if (uid === "" || facts.studyUid === "" || facts.seriesUid === "") return this.skip(index, "no-identity");
    const mark = await sha256OfText(uid);
    if (await this.isCopy(index, place, mark)) return this.skip(index, "copy");
    this.found.set(index, { index, path: place.path, size: place.size, kind: "dicom", mark, dicom: facts });
  }

  // A DICOMDIR says so in its file meta information, not in its data set.
  private isIndex(first: Uint8Array): boolean {
    const head = new TextDecoder("latin1").decode(first.subarray(132, 400));
    const at = head.indexOf(DICOMDIR_CLASS);
    return at >= 0 && !/[.\d]/.test(head.charAt(at + DICOMDIR_CLASS.length));
  }

  // Only equal bytes are a copy; another picture under the same number is for the server to judge.
  private async isCopy(index: number, place: Place, mark: string): Promise<boolean> {
    const earlier = this.marks.get(mark);
    this.marks.set(mark, [...(earlier ?? []), index]);
    for (const other of earlier ?? []) {
      if (this.places[other]?.size !== place.size) continue;
      const hashes = await Promise.all([index, other].map(async (each) => sha256OfBlob(await this.bytes(each))));
      if (hashes[0] === hashes[1]) return true;
    }
    return false;
  }

  /** Read the header of a file up to `last`, taking more of the file where it is long. */
  async header(index: number, last: number, first?: Uint8Array): Promise<Header> {
    let bytes = first ?? new Uint8Array(await (await this.bytes(index, FIRST)).arrayBuffer());
    const total = this.sizeOf(index);
    for (;;) {
      try {
        const start = findStart(bytes);
        return start.syntax.deflated
          ? await this.inflated(bytes, start, last)
          : readHeader(bytes, start, last, bytes.length >= total);
      } catch (error) {
        if (!(error instanceof NeedMoreError) || bytes.length >= Math.min(total, MOST_HEADER)) throw error;
        const more = Math.min(total, bytes.length * 16, MOST_HEADER);
        bytes = new Uint8Array(await (await this.bytes(index, more)).arrayBuffer());
      }
    }
  }

  private async inflated(bytes: Uint8Array, start: Start, last: number): Promise<Header> {
    const packed = new Blob([bytes.slice(start.offset)]);
    const dataset = new Blob(await inflate(packed, INFLATED_HEADER));
    const inner = { ...start, offset: 0 };
    return readHeader(new Uint8Array(await dataset.arrayBuffer()), inner, last, true);
  }
}
