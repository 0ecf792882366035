// What must be remembered so that sending can go on after the page, or the browser, is gone?
import type { Declared } from "./contract";
import type { Found } from "./found";
import type { Wanted } from "./protocol";

/** One file of a remembered bundle: number in the batch, size, start of its mark, declaration. */
type Line = [n: number, size: number, mark: string, declared?: Declared];

export interface Planned {
  files: Line[];
  /** The bundle's address once it has one, and the hash of what goes there. */
  url?: string;
  hash?: string;
  /** All verdicts are known. */
  done?: boolean;
}

/** A batch on its way. No person's name, no path, no picture: numbers, sizes, fingerprints, titles given. */
export interface Plan {
  version: 1;
  batch: string;
  bundles: Planned[];
}

const PREFIX = "safelight-upload-";
const MARK = 20;

export function toPlan(batch: string, bundles: readonly (readonly (Wanted & { found: Found })[])[]): Plan {
  return {
    version: 1,
    batch,
    bundles: bundles.map((files) => ({
      files: files.map(({ n, found, declared }) => {
        const line: Line = [n, found.size, found.mark.slice(0, MARK)];
        if (declared) line.push(declared);
        return line;
      }),
    })),
  };
}

/** Find a remembered bundle's files again among what was picked now; missing ones are told apart. */
export function findAgain(
  planned: Planned,
  found: readonly Found[],
): { wanted: (Wanted & { found: Found })[]; missing: number[] } {
  const byMark = new Map(found.map((file) => [`${file.mark.slice(0, MARK)}|${file.size}`, file]));
  const wanted: (Wanted & { found: Found })[] = [];
  const missing: number[] = [];
  for (const [n, size, mark, declared] of planned.files) {
    const file = byMark.get(`${mark}|${size}`);
    if (!file) missing.push(n);
    else wanted.push({ n, index: file.index, found: file, ...(declared ? { declared } : {}) });
  }
  return { wanted, missing };
}

/** How many of a plan's open files are among what was picked now? */
export function overlap(plan: Plan, found: readonly Found[]): { here: number; open: number } {
  const open = plan.bundles.filter((bundle) => !bundle.done);
  const here = open.reduce((sum, bundle) => sum + findAgain(bundle, found).wanted.length, 0);
  return { here, open: open.reduce((sum, bundle) => sum + bundle.files.length, 0) };
}

/** The plans of this browser. A browser that keeps nothing can still send, only not resume. */
export class Plans {
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {}

  keep(plan: Plan): void {
    try {
      this.storage.setItem(PREFIX + plan.batch, JSON.stringify(plan));
    } catch {
      this.forget(plan.batch);
    }
  }

  find(batch: string): Plan | null {
    try {
      const plan = JSON.parse(this.storage.getItem(PREFIX + batch) ?? "null") as Plan | null;
      return plan?.version === 1 ? plan : null;
    } catch {
      return null;
    }
  }

  forget(batch: string): void {
    try {
      this.storage.removeItem(PREFIX + batch);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }
}
