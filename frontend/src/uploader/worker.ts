// Who reads the files, so that the page stays quick? This worker; it has no way to the network.
import { bundleHead } from "./bundle";
import type { Kind, ManifestFile } from "./contract";
import { COVER, planeOf, shrink, windowOf } from "./cover";
import { Media } from "./media";
import type { Ask, Bundle, Progress, Reply, Wanted } from "./protocol";
import { hex, sha256OfBlob } from "./sha256";
import { Tag } from "./tags";

const TELL_EVERY_MS = 80;
let media = new Media(0);

function say(reply: Reply, transfer: Transferable[] = []): void {
  (self as unknown as Worker).postMessage(reply, transfer);
}

function seldom(): (progress: Progress) => void {
  let last = 0;
  return (progress) => {
    if (performance.now() - last < TELL_EVERY_MS && progress.looked < progress.total) return;
    last = performance.now();
    say({ reply: "progress", progress });
  };
}

function told(): void {
  say({ reply: "scanned", found: [...media.found.values()], left: [...media.left.values()] });
}

async function bundle(wanted: readonly Wanted[]): Promise<Bundle | null> {
  const files: ManifestFile[] = [];
  const blobs: Blob[] = [];
  const lost: number[] = [];
  for (const { n, index, declared } of wanted) {
    try {
      const blob = await media.bytes(index);
      const kind: Kind = media.found.get(index)?.kind ?? "dicom";
      const file: ManifestFile = { n, size: blob.size, sha256: await sha256OfBlob(blob), kind };
      files.push(declared ? { ...file, declared } : file);
      blobs.push(blob);
    } catch {
      lost.push(n);
    }
  }
  const head = bundleHead(files);
  const hash = hex(await crypto.subtle.digest("SHA-256", head));
  return { hash, headSize: head.length, blob: new Blob([head, ...blobs]), files, lost };
}

async function cover(index: number): Promise<ImageBitmap | null> {
  const header = await media.header(index, Tag.RescaleSlope);
  const plane = planeOf(header);
  const start = (await media.header(index, Tag.PixelData)).pixelOffset;
  if (plane && start !== null) {
    const blob = (await media.bytes(index, start + plane.size)).slice(start);
    if (blob.size < plane.size) return null;
    const small = shrink(new DataView(await blob.arrayBuffer()), plane, windowOf(header), COVER);
    return createImageBitmap(new ImageData(small.data, small.width, small.height));
  }
  return null;
}

async function answer(ask: Ask): Promise<void> {
  switch (ask.ask) {
    case "scan":
      media = new Media(ask.largest);
      await media.scan(ask.picked, seldom());
      return told();
    case "again":
      await media.look(ask.indexes, seldom());
      return told();
    case "bundle":
      return say({ reply: "bundle", call: ask.call, bundle: await bundle(ask.wanted).catch(() => null) });
    case "cover": {
      const picture = await cover(ask.index).catch(() => null);
      return say({ reply: "cover", call: ask.call, picture }, picture ? [picture] : []);
    }
  }
}

self.addEventListener("message", (event: MessageEvent<Ask>) => void answer(event.data));
