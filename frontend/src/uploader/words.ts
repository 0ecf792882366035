// How are counts, sizes, dates and exams said in plain words?
import type { Facts, LeftOut } from "./found";

const MODALITIES: Record<string, string> = {
  CT: "CT",
  MR: "MRI",
  US: "ultrasound",
  CR: "X-ray",
  DX: "X-ray",
  RG: "X-ray",
  MG: "mammogram",
  XA: "angiogram",
  RF: "X-ray film",
  NM: "nuclear scan",
  PT: "PET scan",
  OP: "eye photograph",
  OPT: "eye scan",
  ES: "endoscopy",
  XC: "photograph",
  GM: "microscope picture",
  SM: "tissue slide",
  ECG: "heart trace",
  IO: "dental X-ray",
  PX: "dental X-ray",
  SC: "captured picture",
  OT: "picture",
  DOC: "document",
  SR: "report",
  RTDOSE: "radiotherapy dose",
  RTPLAN: "radiotherapy plan",
  RTSTRUCT: "radiotherapy outlines",
  RTIMAGE: "radiotherapy picture",
  SEG: "outlines",
  KO: "list of key pictures",
  PR: "display settings",
};
const SIDE_NOTES = new Set(["SR", "KO", "PR", "DOC", "SEG", "OT", "SC", ""]);

/** "1 picture", "240 pictures". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return "under 1 MB";
}

/** YYYY-MM-DD as "28 April 2026"; anything else as "no date". */
export function day(iso: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return "no date";
  return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}

/** An instant as "Tuesday 3 May, 14:05", in the reader's own time. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** Seconds as "about 3 minutes left". */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 50) return "less than a minute left";
  if (seconds < 5400) return `about ${count(Math.round(seconds / 60), "minute")} left`;
  return `about ${count(Math.round(seconds / 3600), "hour")} left`;
}

function sentenceCase(text: string): string {
  const shouted = text.length > 4 && text === text.toUpperCase();
  const calm = shouted ? text.toLowerCase() : text;
  return calm.charAt(0).toUpperCase() + calm.slice(1);
}

export function modalityWord(modality: string): string {
  return MODALITIES[modality] ?? "picture";
}

/** "Chest CT": body part and kind of picture, or what the hospital called the exam. */
export function examTitle(facts: Facts, modalities: readonly string[]): string {
  const main = modalities.find((modality) => !SIDE_NOTES.has(modality)) ?? facts.modality;
  if (facts.bodyPart !== "") {
    const kind = modalityWord(main);
    return `${sentenceCase(facts.bodyPart)} ${kind}`;
  }
  if (facts.studyDescription !== "") return facts.studyDescription;
  return sentenceCase(modalityWord(main));
}

export function seriesTitle(facts: Facts): string {
  return facts.seriesDescription || sentenceCase(modalityWord(facts.modality));
}

/** "Patient Example, born 3 May 1974". */
export function personLine(name: string, birthDate: string): string {
  const who = name || "No name in these pictures";
  return birthDate ? `${who}, born ${day(birthDate)}` : who;
}

const WHY: Record<LeftOut, string> = {
  program: "part of a viewer program",
  page: "a text or help page",
  index: "the index of the disc, not a picture",
  empty: "empty",
  other: "not a medical picture or document",
  unreadable: "could not be read from the disc",
  copy: "the same picture again",
  "disc-image": "a disc image inside another: open it first",
  "locked-zip": "locked with a password in the zip",
  "bad-zip": "a damaged zip",
  "bad-image": "a disc image that is damaged, or not ISO 9660: choose the disc or folder itself",
  "nested-zip": "a zip inside a zip: open it first",
  "too-large": "larger than can be sent here",
  "no-identity": "a medical file without the numbers that say what it is",
};

export function whyLeft(why: LeftOut): string {
  return WHY[why];
}

const COUNTED: Record<LeftOut, [one: string, many: string]> = {
  program: ["part of a viewer program", "parts of a viewer program"],
  page: ["text or help page", "text or help pages"],
  index: ["index of the disc", "indexes of the disc"],
  empty: ["empty file", "empty files"],
  other: ["file of another kind", "files of another kind"],
  unreadable: ["unreadable file", "unreadable files"],
  copy: ["second copy", "second copies"],
  "disc-image": ["disc image", "disc images"],
  "locked-zip": ["file locked with a password", "files locked with a password"],
  "bad-zip": ["damaged zip", "damaged zips"],
  "bad-image": ["disc image that cannot be read", "disc images that cannot be read"],
  "nested-zip": ["zip inside a zip", "zips inside a zip"],
  "too-large": ["file that is too large", "files that are too large"],
  "no-identity": ["damaged medical file", "damaged medical files"],
};

/** "31 other files (20 parts of a viewer program, 11 text or help pages)". */
export function leftSummary(left: readonly LeftOut[]): string {
  const counts = new Map<LeftOut, number>();
  for (const why of left) counts.set(why, (counts.get(why) ?? 0) + 1);
  const parts = [...counts].map(([why, number]) => count(number, ...COUNTED[why]));
  return `${count(left.length, "other file")} (${parts.join(", ")})`;
}
