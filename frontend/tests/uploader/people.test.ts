import { describe, expect, it } from "vitest";

import { foldName, isHolder, relationTo, sameName, shownName } from "../../src/uploader/people";

describe("comparing names", () => {
  it.each([
    ["Müller^Jörg", "Jörg Müller"],
    ["MUELLER^ANNA MARIA", "Anna Müller"],
    ["Doe^J^A", "Jane A. Doe"],
    ["Patient^Example^^Dr", "Example Patient"],
    ["van der Berg^Els", "Els van der Berg"],
  ])("takes %s for %s", (left, right) => {
    expect(sameName(left, right)).toBe(true);
  });

  it.each([
    ["Doe^Jane", "John Doe"],
    ["Doe^", "Jane Doe"],
    ["^Jane", "Jane Doe"],
    ["J^D", "Jane Doe"],
    ["", "Jane Doe"],
  ])("does not take %s for %s", (left, right) => {
    expect(sameName(left, right)).toBe(false);
  });

  it("lets an initial stand for its name beside a whole word", () => {
    expect(sameName("Doe^J", "Jane Doe")).toBe(true);
  });

  it("folds accents, case and punctuation", () => {
    expect(foldName("  ÉMILE-Zoë^Straße, ")).toBe("emile zoe strasse");
  });

  it("shows a name as people write it, without hidden characters", () => {
    expect(shownName("Example^Patient^Q^Dr^Jr=山田^太郎")).toBe("Dr Patient Q Example Jr");
    expect(shownName("=山田^太郎")).toBe("太郎 山田");
    expect(shownName("Ex\u202eample^\u0007P")).toBe("P Example");
  });
});

describe("the relation to the account holder", () => {
  const holder = { names: ["Patient Example"], birth_date: "1974-05-03" };

  it("is the holder when name and birth date fit, or the birth date is not given", () => {
    expect(isHolder(relationTo(holder, "Example^Patient", "1974-05-03"))).toBe(true);
    expect(isHolder(relationTo(holder, "Example^Patient", ""))).toBe(true);
    expect(isHolder(relationTo({ ...holder, birth_date: null }, "Example^Patient", "1961-01-01"))).toBe(true);
  });

  it("is not the holder when either differs, or there is no name", () => {
    expect(relationTo(holder, "Example^Patient", "1961-01-01")).toEqual({ name: "same", birth: "differs" });
    expect(isHolder(relationTo(holder, "Example^Patient", "1961-01-01"))).toBe(false);
    expect(isHolder(relationTo(holder, "Other^Person", "1974-05-03"))).toBe(false);
    expect(isHolder(relationTo(holder, "", "1974-05-03"))).toBe(false);
  });

  it("finds the name in any of the writings of a DICOM name", () => {
    const both = { names: ["山田 太郎"], birth_date: null };
    expect(relationTo(both, "Yamada^Tarou=山田^太郎", "").name).toBe("same");
  });
});
