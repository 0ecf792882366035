// How do thousands of small files travel as a few bodies of about 32 MB?
import type { ManifestFile } from "./contract";

export const MAGIC = "SLBNDL1\n";
export const USUAL_BUNDLE = 32 << 20;
const MOST_FILES = 2000;

/** Room that the magic word, the manifest's length and its lines take, at most. */
const LINE = 640;
const HEAD = MAGIC.length + 4 + 16;

/** Cut files, in their order, into bundles; a file larger than a bundle travels alone. */
export function planBundles<T extends { size: number }>(files: readonly T[], target = USUAL_BUNDLE): T[][] {
  const bundles: T[][] = [];
  let open: T[] = [];
  let bytes = HEAD;
  for (const file of files) {
    const more = file.size + LINE;
    if (open.length > 0 && (bytes + more > target || open.length >= MOST_FILES)) {
      bundles.push(open);
      open = [];
      bytes = HEAD;
    }
    open.push(file);
    bytes += more;
  }
  if (open.length > 0) bundles.push(open);
  return bundles;
}

/** The largest file that fits a bundle of `most` bytes alone. */
export function largestFile(most: number): number {
  return most - HEAD - LINE;
}

/** The bytes before the files: magic word, length of the manifest, manifest. */
export function bundleHead(files: readonly ManifestFile[]): Uint8Array<ArrayBuffer> {
  const manifest = new TextEncoder().encode(JSON.stringify({ files }));
  const head = new Uint8Array(MAGIC.length + 4 + manifest.length);
  head.set(new TextEncoder().encode(MAGIC));
  new DataView(head.buffer).setUint32(MAGIC.length, manifest.length);
  head.set(manifest, MAGIC.length + 4);
  return head;
}

/** How many bytes of each file lie within the first `sent` bytes of a bundle? */
export function sentOfFiles(headSize: number, sizes: readonly number[], sent: number): number[] {
  let left = Math.max(0, sent - headSize);
  return sizes.map((size) => {
    const part = Math.min(size, left);
    left -= part;
    return part;
  });
}
