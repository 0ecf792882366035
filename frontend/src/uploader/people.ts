// Is the name in these pictures the account holder's?

import type { Holder } from "./contract";

/** Letters only, one case, no accents: for comparing, never for showing. */
export function foldName(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLocaleLowerCase("en")
    .replace(/ß/g, "ss")
    .replace(/ø/g, "o")
    .replace(/ł/g, "l")
    .replace(/æ/g, "ae")
    .replace(/[\^=\\,.'’`-]+/g, " ")
    .replace(/[^\p{L}\p{N} ]+/gu, "")
    .replace(/ +/g, " ")
    .trim();
}

/** A DICOM person name as people write it: prefix, given, middle, family, suffix. */
export function shownName(personName: string): string {
  const alphabetic = personName.split("=").find((group) => group.replace(/\^/g, "").trim() !== "");
  const [family = "", given = "", middle = "", prefix = "", suffix = ""] = (alphabetic ?? "").split("^");
  return [prefix, given, middle, family, suffix]
    .map((part) => part.replace(/[\p{Cc}\p{Cf}]/gu, "").trim())
    .filter((part) => part !== "")
    .join(" ");
}

function matches(word: string, others: Set<string>): boolean {
  if (others.has(word)) return true;
  return word.length === 1 && [...others].some((other) => other.startsWith(word));
}

/**
 * Do two names fit one person? The words of the shorter one are all in the longer one, an
 * initial standing for its name, and at least one whole word is shared.
 */
export function sameName(left: string, right: string): boolean {
  const [few, many] = [words(left), words(right)].sort((a, b) => a.size - b.size) as [
    Set<string>,
    Set<string>,
  ];
  if (few.size === 0) return false;
  const whole = [...few].filter((word) => word.length > 1 && many.has(word)).length;
  const needed = Math.min(2, many.size);
  const fitting = [...few].filter((word) => matches(word, many)).length;
  return whole >= 1 && fitting === few.size && fitting >= needed;
}

function words(name: string): Set<string> {
  // Müller is written Mueller where there is no ü: both become muller here.
  const folded = foldName(name).replace(/([aou])e/g, "$1");
  return new Set(folded.split(" ").filter((word) => word !== ""));
}

export type Likeness = "same" | "differs" | "missing" | "unknown";

/** How a patient compares with the account holder; "unknown" when the account does not say. */
export interface Relation {
  name: Likeness;
  birth: Likeness;
}

export function relationTo(
  holder: Holder | null,
  personName: string,
  birthDate: string,
): Relation {
  if (holder === null) return { name: "unknown", birth: "unknown" };
  const groups = personName.split("=").filter((group) => foldName(group) !== "");
  let name: Likeness = "missing";
  if (groups.length > 0) {
    const fits = groups.some((group) => holder.names.some((own) => sameName(group, own)));
    name = fits ? "same" : "differs";
  }
  let birth: Likeness = "missing";
  if (birthDate !== "") {
    if (holder.birth_date === null) birth = "unknown";
    else birth = holder.birth_date === birthDate ? "same" : "differs";
  }
  return { name, birth };
}

/** Only a fitting name without a contradicting birth date counts; all do where nobody is the holder. */
export function isHolder(relation: Relation): boolean {
  return relation.name === "unknown" || (relation.name === "same" && relation.birth !== "differs");
}
