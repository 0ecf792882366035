// What do the page and its worker say to each other?
import type { Declared, ManifestFile } from "./contract";
import type { Found, Left } from "./found";

/** A file as it was picked: the path is for showing only. */
export interface Picked {
  file: File;
  path: string;
}

export interface Progress {
  looked: number;
  total: number;
  found: number;
  path: string;
}

/** A file of a planned bundle: its number in the batch and where its bytes are. */
export interface Wanted {
  n: number;
  index: number;
  declared?: Declared;
}

export interface Bundle {
  /** SHA-256 of the head, which names every file by its hash: the fingerprint of the content. */
  hash: string;
  headSize: number;
  blob: Blob;
  files: ManifestFile[];
  /** Files that could not be read any more. */
  lost: number[];
}

export type Ask =
  | { ask: "scan"; picked: Picked[]; largest: number }
  | { ask: "again"; indexes: number[] }
  | { ask: "bundle"; call: number; wanted: Wanted[] }
  | { ask: "cover"; call: number; index: number };

export type Reply =
  | { reply: "progress"; progress: Progress }
  | { reply: "scanned"; found: Found[]; left: Left[] }
  | { reply: "bundle"; call: number; bundle: Bundle | null }
  | { reply: "cover"; call: number; picture: ImageBitmap | null };
