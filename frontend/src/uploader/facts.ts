// Which facts of a header does the review show?
import type { Facts } from "./found";
import type { Header } from "./header";
import { Tag } from "./tags";

const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
const OFTEN_BURNT_IN = new Set(["US", "XA", "RF", "ES", "XC", "GM", "OP", "SC", "OT", "IVUS", "ECG"]);

/** A DICOM date as YYYY-MM-DD, or empty when it is none. */
export function isoDate(text: string): string {
  const found = /^(\d{4})[.-]?(\d{2})[.-]?(\d{2})$/.exec(text.trim());
  if (!found) return "";
  const [, year = "", month = "", day = ""] = found;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
    ? `${year}-${month}-${day}`
    : "";
}

/** May names be written in the picture itself? A stated NO is believed, silence is not. */
export function burntIn(stated: string, modality: string, sopClass: string): Facts["burntIn"] {
  if (stated === "YES") return "yes";
  if (stated === "NO") return "no";
  const captured = sopClass === SECONDARY_CAPTURE || sopClass.startsWith(`${SECONDARY_CAPTURE}.`);
  return captured || OFTEN_BURNT_IN.has(modality) ? "possible" : "no";
}

function tidy(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "").replace(/[\^_]+/g, " ").replace(/ +/g, " ").trim();
}

export function factsOf(header: Header): Facts {
  const modality = header.text(Tag.Modality).toUpperCase();
  const sopClass = header.text(Tag.SOPClassUID);
  return {
    patientName: header.text(Tag.PatientName),
    patientId: header.text(Tag.PatientID),
    birthDate: isoDate(header.text(Tag.PatientBirthDate)),
    studyUid: header.text(Tag.StudyInstanceUID),
    seriesUid: header.text(Tag.SeriesInstanceUID),
    sopClass,
    studyDate: isoDate(header.text(Tag.StudyDate)) || isoDate(header.text(Tag.SeriesDate)),
    modality,
    studyDescription: tidy(header.text(Tag.StudyDescription)),
    seriesDescription: tidy(header.text(Tag.SeriesDescription)),
    bodyPart: tidy(header.text(Tag.BodyPartExamined)),
    place: tidy(header.text(Tag.InstitutionName)),
    seriesNumber: header.number(Tag.SeriesNumber) ?? 0,
    instanceNumber: header.number(Tag.InstanceNumber) ?? 0,
    frames: Math.max(1, header.number(Tag.NumberOfFrames) ?? 1),
    burntIn: burntIn(header.text(Tag.BurnedInAnnotation).toUpperCase(), modality, sopClass),
  };
}
