// How do loose files become people, exams and series?
import type { Holder } from "./contract";
import type { Facts, Found } from "./found";
import { foldName, isHolder, relationTo, shownName, type Relation } from "./people";
import { examTitle, seriesTitle } from "./words";

export interface Series {
  key: string;
  title: string;
  modality: string;
  files: Found[];
  bytes: number;
  burntIn: boolean;
  /** The file whose picture stands for the series. */
  cover: Found;
}

export interface Study {
  key: string;
  title: string;
  date: string;
  place: string;
  series: Series[];
}

export interface Patient {
  key: string;
  name: string;
  birthDate: string;
  relation: Relation;
  /** The account holder, as far as name and birth date can tell. */
  own: boolean;
  studies: Study[];
  files: number;
  bytes: number;
}

export interface Review {
  patients: Patient[];
  /** Papers and photographs that carry no person. */
  documents: Found[];
}

type Dicom = Found & { dicom: Facts };

export function gather<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

// The same words in another order or case are one person; another birth date is not.
function patientKey({ dicom }: Dicom): string {
  const [first = ""] = dicom.patientName.split("=");
  const words = foldName(first).split(" ").sort().join(" ");
  return `${words}|${dicom.birthDate}|${words === "" ? dicom.patientId : ""}`;
}

function toSeries([key, files]: [string, Dicom[]]): Series {
  files.sort((a, b) => a.dicom.instanceNumber - b.dicom.instanceNumber || a.index - b.index);
  const cover = files[Math.floor(files.length / 2)] as Dicom;
  return {
    key,
    title: seriesTitle(cover.dicom),
    modality: cover.dicom.modality,
    files,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    burntIn: files.some((file) => file.dicom.burntIn !== "no"),
    cover,
  };
}

function toStudy([key, files]: [string, Dicom[]]): Study {
  const first = files[0] as Dicom;
  const ordered = [...files].sort((a, b) => a.dicom.seriesNumber - b.dicom.seriesNumber || a.index - b.index);
  const series = [...gather(ordered, (file) => `${key}|${file.dicom.seriesUid}`)].map(toSeries);
  return {
    key,
    title: examTitle(first.dicom, series.map((each) => each.modality)),
    date: first.dicom.studyDate,
    place: first.dicom.place,
    series,
  };
}

function toPatient(key: string, files: Dicom[], holder: Holder | null): Patient {
  const first = files[0] as Dicom;
  const relation = relationTo(holder, first.dicom.patientName, first.dicom.birthDate);
  const studies = [...gather(files, (file) => `${key}|${file.dicom.studyUid}`)].map(toStudy);
  studies.sort((a, b) => b.date.localeCompare(a.date));
  return {
    key,
    name: shownName(first.dicom.patientName),
    birthDate: first.dicom.birthDate,
    relation,
    own: isHolder(relation),
    studies,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
  };
}

/** Sort what was found; the account holder comes first, then whoever has most pictures. */
export function review(found: readonly Found[], holder: Holder | null): Review {
  const pictures = found.filter((file): file is Dicom => file.dicom !== null);
  const patients = [...gather(pictures, patientKey)].map(([key, files]) => toPatient(key, files, holder));
  patients.sort((a, b) => Number(b.own) - Number(a.own) || b.files - a.files);
  return { patients, documents: found.filter((file) => file.dicom === null) };
}

/** Every file of a patient, in the order they are shown. */
export function filesOf(patient: Patient): Found[] {
  return patient.studies.flatMap((study) => study.series.flatMap((series) => series.files));
}
