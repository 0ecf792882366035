// What do the page, this island and the server agree on?

export interface Holder {
  names: string[];
  birth_date: string | null;
}

/** The JSON in `<script type="application/json" id="upload-data">`. */
export interface UploadData {
  /** Whose account this is: names as written, birth date as YYYY-MM-DD or null. Null: an organization's. */
  holder: Holder | null;
  /** Who asked for the images, on the page of an outsider with a link; null on one's own page. */
  outsider: string | null;
  csrf: string;
  endpoints: {
    /** POST opens a batch; GET `<batches>/unfinished`; POST `<batches>/<id>/finish`. */
    batches: string;
    /** The tus endpoint; GET `<uploads>/<id>/verdicts`. */
    uploads: string;
    known: string;
    /** Where "see your exams" and "stop" lead; for an outsider, back to who asks. */
    exams: string;
  };
  /** Largest single file in bytes that the server takes. */
  largest_file: number;
}

/** "patient": of a patient of the institution whose account it is, on a basis. */
export type Whose = "mine" | "represented" | "patient";
export type Basis = "brought-by-patient" | "for-treatment" | "agreed-on-paper";
export type OtherName = null | "me-under-another-name" | "represented";

export type Kind = "dicom" | "pdf" | "jpeg" | "png";

/** What a person says of a paper or a photograph. `study_date` is YYYY-MM-DD or empty. */
export interface Declared {
  title: string;
  study_date: string;
}

export interface BatchRequest {
  channel: "web";
  attestation: { whose: Whose; accurate: true; basis?: Basis };
  other_name_choice: OtherName;
  expected: { files: number; bytes: number };
}

export interface BatchOpened {
  batch: string;
  /** Largest bundle in bytes. */
  max_bundle: number;
}

/** One file of a bundle. `n` is its number in the batch; its name never leaves the computer. */
export interface ManifestFile {
  n: number;
  size: number;
  sha256: string;
  kind: Kind;
  declared?: Declared;
}

export type Ruling = "stored" | "duplicate" | "review" | "refused";

export interface Verdict {
  n: number;
  verdict: Ruling;
  reason: string;
  sentence: string;
}

export interface Verdicts {
  state: "receiving" | "processing" | "done";
  files: Verdict[];
}

export interface Unfinished {
  batch: string;
  started_at: string;
  files: number;
  bytes: number;
  decided: number;
}

export interface Finished {
  receipt_url: string;
}

/** Read the page's data block. */
export function readUploadData(text: string): UploadData {
  return JSON.parse(text) as UploadData;
}
