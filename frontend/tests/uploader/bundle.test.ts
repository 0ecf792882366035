import { describe, expect, it } from "vitest";

import { bundleHead, largestFile, MAGIC, planBundles, sentOfFiles } from "../../src/uploader/bundle";
import type { Found } from "../../src/uploader/found";
import { findAgain, overlap, Plans, toPlan } from "../../src/uploader/plan";
import { hex, RunningSha256, sha256OfBlob } from "../../src/uploader/sha256";

describe("bundles", () => {
  it("fills bundles in order and lets a large file travel alone", () => {
    const sizes = [10, 10, 90_000, 10, 10].map((size) => ({ size }));
    expect(planBundles(sizes, 50_000).map((bundle) => bundle.map(({ size }) => size))).toEqual([[10, 10], [90_000], [10, 10]]);
  });

  it("never makes a bundle larger than was asked, manifest and all", () => {
    const files = Array.from({ length: 3000 }, (_, n) => ({ n, size: (n * 7919) % 9000 }));
    for (const bundle of planBundles(files, 1_000_000)) {
      const head = bundleHead(bundle.map(({ n, size }) => ({ n, size, sha256: "f".repeat(64), kind: "dicom" })));
      expect(head.length + bundle.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(1_000_000);
    }
    expect(planBundles(files, 1_000_000).flat()).toEqual(files);
  });

  it("knows the largest file that fits, with its title", () => {
    const size = largestFile(100_000);
    const head = bundleHead([{ n: 99_999, size, sha256: "f".repeat(64), kind: "jpeg", declared: { title: "\u{10000}".repeat(64), study_date: "2026-04-28" } }]);
    expect(head.length + size).toBeLessThanOrEqual(100_000);
  });

  it("begins with the magic word and the length of the manifest", () => {
    const head = bundleHead([{ n: 0, size: 1, sha256: "00", kind: "pdf" }]);
    const text = new TextDecoder().decode(head);
    expect(text.startsWith(MAGIC)).toBe(true);
    const length = new DataView(head.buffer).getUint32(8);
    expect(JSON.parse(text.slice(12))).toEqual({ files: [{ n: 0, size: 1, sha256: "00", kind: "pdf" }] });
    expect(head.length).toBe(12 + length);
  });

  it("tells how much of each file has gone", () => {
    expect(sentOfFiles(100, [50, 50, 50], 0)).toEqual([0, 0, 0]);
    expect(sentOfFiles(100, [50, 50, 50], 170)).toEqual([50, 20, 0]);
    expect(sentOfFiles(100, [50, 50, 50], 250)).toEqual([50, 50, 50]);
  });
});

describe("SHA-256", () => {
  const platform = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => hex(await crypto.subtle.digest("SHA-256", bytes));

  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 200_000])("agrees with the platform on %d bytes in odd pieces", async (length) => {
    const bytes = new Uint8Array(length).map((_, at) => (at * 7919) >> 3);
    const running = new RunningSha256();
    for (let at = 0; at < length; at += 97) running.add(bytes.subarray(at, at + 97));
    expect(running.hex()).toBe(await platform(bytes));
  });

  it("hashes a blob larger than it takes at once", async () => {
    const bytes = new Uint8Array((9 << 20) + 5).fill(7);
    expect(await sha256OfBlob(new Blob([bytes]), 1 << 20)).toBe(await platform(bytes));
  });
});

describe("going on after a crash", () => {
  const file = (index: number): Found => ({ index, path: `p${index}`, size: 10 + index, kind: "dicom", mark: `${index}`.repeat(64), dicom: null });
  const bundles = [[1, 2], [3]].map((some) => some.map((n) => ({ n, index: n, found: file(n) })));
  const plan = toPlan("batch", bundles);

  it("finds the files again wherever they are now, and tells the missing ones", () => {
    const again = { ...file(2), index: 77, path: "elsewhere" };
    const { wanted, missing } = findAgain(plan.bundles[0]!, [again]);
    expect(wanted).toMatchObject([{ n: 2, index: 77 }]);
    expect(missing).toEqual([1]);
  });

  it("counts only what is still open", () => {
    const half = { ...plan, bundles: [{ ...plan.bundles[0]!, done: true }, plan.bundles[1]!] };
    expect(overlap(half, [file(1), file(2)])).toEqual({ here: 0, open: 1 });
  });

  it("keeps no name and no path", () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) };
    const plans = new Plans(storage);
    plans.keep(plan);
    expect([...kept.values()].join()).not.toContain("p1");
    expect(plans.find("batch")).toEqual(plan);
    plans.forget("batch");
    expect(plans.find("batch")).toBeNull();
  });
});
