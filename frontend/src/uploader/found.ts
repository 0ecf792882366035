// What is known of one file after it was looked at? These values stay in this browser.
import type { Kind } from "./contract";
import type { Skipped } from "./sniff";

/** One thing that could be sent. `index` finds its bytes again in the worker. */
export interface Found {
  index: number;
  path: string;
  size: number;
  kind: Kind;
  /** SHA-256 of the SOP Instance UID, or of the first bytes where there is none. */
  mark: string;
  dicom: Facts | null;
}

export interface Facts {
  patientName: string;
  patientId: string;
  /** YYYY-MM-DD, or empty. */
  birthDate: string;
  studyUid: string;
  seriesUid: string;
  sopClass: string;
  /** YYYY-MM-DD, or empty. */
  studyDate: string;
  modality: string;
  studyDescription: string;
  seriesDescription: string;
  bodyPart: string;
  place: string;
  seriesNumber: number;
  instanceNumber: number;
  frames: number;
  burntIn: "yes" | "no" | "possible";
}

export type LeftOut = Skipped | "copy" | "locked-zip" | "bad-zip" | "bad-image" | "nested-zip" | "too-large" | "no-identity";

/** One file that is not offered, and why. */
export interface Left {
  index: number;
  path: string;
  why: LeftOut;
}
