// How is one picture brought here, and what does it mean when that fails?

import { boundaryOf, onlyPart } from "./multipart";
import type { Picture, Table, TableSource } from "./pictures";
import type { ColourFrame, Frame, GreyFrame } from "./shade";

/** The share is over or the session is: nothing here may be shown any more. */
export class EndedError extends Error {
  override readonly name = "EndedError";
}

/** The answer came and cannot be a picture; asking again may help, or not. */
export class UnusableError extends Error {
  override readonly name = "UnusableError";
}

// 423: whoever shared it has paused it.
const OVER = new Set([401, 403, 404, 410, 423]);
const NATIVE =
  'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1';

export async function ask(
  address: string,
  accept: string,
  signal?: AbortSignal,
  method: "GET" | "HEAD" = "GET",
): Promise<Response> {
  const answer = await fetch(address, {
    method,
    headers: { Accept: accept },
    credentials: "same-origin",
    // A page to sign in on is no picture.
    redirect: "manual",
    ...(signal ? { signal } : {}),
  });
  if (OVER.has(answer.status) || answer.type === "opaqueredirect") throw new EndedError();
  if (!answer.ok) throw new UnusableError(`status ${answer.status}`);
  return answer;
}

const AGAIN_AFTER = 600;

/** Fetch and unpack a picture; a hiccup of the line is tried over once. */
export async function fetchPicture(picture: Picture, signal: AbortSignal): Promise<Frame> {
  try {
    return await once(picture, signal);
  } catch (error) {
    if (error instanceof EndedError || signal.aborted) throw error;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
    signal.throwIfAborted();
    return once(picture, signal);
  }
}

async function once(picture: Picture, signal: AbortSignal): Promise<Frame> {
  if (picture.pixels.colour) return colour(picture, signal);
  const [bytes, modality, voi] = await Promise.all([
    pixelBytes(picture, signal),
    table(picture, picture.modalityTable, signal),
    table(picture, picture.window ? undefined : picture.voiTable, signal),
  ]);
  return { kind: "grey", values: typed(picture, bytes), bytes: bytes.byteLength, modality, voi };
}

async function pixelBytes(picture: Picture, signal: AbortSignal): Promise<ArrayBuffer> {
  const answer = await ask(picture.key, NATIVE, signal);
  return part(answer);
}

/** The content of an answer, whether it came in parts or bare. */
async function part(answer: Response): Promise<ArrayBuffer> {
  const kind = answer.headers.get("Content-Type") ?? "";
  const body = await answer.arrayBuffer();
  if (!/^multipart\//i.test(kind)) return body;
  const boundary = boundaryOf(kind);
  const found = boundary ? onlyPart(new Uint8Array(body), boundary) : undefined;
  if (!found) throw new UnusableError("the answer is not whole");
  return found;
}

/** Pixels as numbers. What was decoded may be narrower than the file says. */
function typed({ pixels }: Picture, bytes: ArrayBuffer): GreyFrame["values"] {
  const count = pixels.rows * pixels.columns;
  if (pixels.bitsAllocated === 1 && bytes.byteLength < count) return unpacked(bytes, count);
  const width = Math.floor(bytes.byteLength / count);
  if (pixels.floating && width === 4) return new Float32Array(bytes, 0, count);
  if (pixels.floating && width === 8) return new Float64Array(bytes, 0, count);
  if (pixels.floating || width < 1) throw new UnusableError("too few bytes");
  if (width === 1) return new Uint8Array(bytes, 0, count);
  if (width < 4) return new Uint16Array(bytes, 0, count);
  return pixels.signed ? new Int32Array(bytes, 0, count) : new Uint32Array(bytes, 0, count);
}

function unpacked(bytes: ArrayBuffer, count: number): Uint8Array {
  const packed = new Uint8Array(bytes);
  if (packed.length * 8 < count) throw new UnusableError("too few bytes");
  return Uint8Array.from({ length: count }, (_, at) => (packed[at >> 3]! >> (at & 7)) & 1);
}

async function colour(picture: Picture, signal: AbortSignal): Promise<ColourFrame> {
  const answer = await ask(`${picture.key}/rendered`, "image/png", signal);
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  return { kind: "colour", rgba, width, height, bytes: rgba.byteLength };
}

const WORD = 16;

async function table(
  picture: Picture,
  source: TableSource | undefined,
  signal: AbortSignal,
): Promise<Table | undefined> {
  if (!source) return undefined;
  const [length = 0, first = 0, bits = WORD] = source.descriptor;
  const entries = source.numbers.length ? source.numbers : await words(picture, source, signal);
  const count = Math.min(entries.length, length || 65_536);
  if (!count) throw new UnusableError("an empty table");
  return { first, bits, entries: Array.from({ length: count }, (_, at) => entries[at]!) };
}

async function words(picture: Picture, source: TableSource, signal: AbortSignal): Promise<Uint16Array> {
  if (source.inline !== undefined) {
    const bytes = Uint8Array.from(atob(source.inline), (letter) => letter.charCodeAt(0));
    return new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
  }
  if (source.address === undefined) return new Uint16Array(0);
  // The address is relative to the instance, and may lead nowhere else.
  const instance = new URL(`${picture.address}/`, location.href);
  const address = new URL(source.address, instance);
  if (!address.href.startsWith(instance.href)) throw new UnusableError("a table from elsewhere");
  const bytes = await part(await ask(address.href, "application/octet-stream", signal));
  return new Uint16Array(bytes, 0, bytes.byteLength >> 1);
}
