// What does a data set in the DICOM JSON model say? (PS3.18 Annex F)
//
// Everything here comes from files of strangers: a value of the wrong kind reads
// as absent, never as something else.

export interface Element {
  vr?: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

export type DataSet = Readonly<Record<string, Element>>;

const isDataSet = (value: unknown): value is DataSet =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function values(data: DataSet, tag: string): unknown[] {
  const found = data[tag]?.Value;
  return Array.isArray(found) ? found : [];
}

/** All finite numbers of an element; DS and IS may come as text. */
export function numbers(data: DataSet, tag: string): number[] {
  return values(data, tag)
    .filter((value) => (typeof value === "string" ? value.trim() !== "" : typeof value === "number"))
    .map(Number)
    .filter(Number.isFinite);
}

export function number(data: DataSet, tag: string): number | undefined {
  return numbers(data, tag)[0];
}

export function text(data: DataSet, tag: string): string {
  const found = values(data, tag)[0];
  return typeof found === "string" ? found.trim() : "";
}

export function texts(data: DataSet, tag: string): string[] {
  return values(data, tag).map((value) => (typeof value === "string" ? value.trim() : ""));
}

export function items(data: DataSet, tag: string): DataSet[] {
  return values(data, tag).filter(isDataSet);
}

// Control characters, and those that turn the direction of the text around them.
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A person's name in the order it is said, with nothing in it that could mislead the eye. */
export function personName(data: DataSet, tag: string): string {
  const found = values(data, tag)[0];
  const written =
    isDataSet(found) ? (found as Record<string, unknown>)["Alphabetic"] : found;
  if (typeof written !== "string") return "";
  const [family = "", given = "", middle = "", before = "", after = ""] = written.split("^");
  return [before, given, middle, family, after]
    .map((part) => part.replace(UNSEEN, "").trim())
    .filter(Boolean)
    .join(" ");
}
