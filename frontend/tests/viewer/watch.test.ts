import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keepWatch } from "../../src/viewer/watch";

const A_QUARTER = 15_000;

describe("what stands on the screen", () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const asked: string[] = [];
  let status = 200;
  let over = 0;
  let stop: () => void;

  const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
  const touch = (): boolean => page.dispatchEvent(new Event("pointermove"));

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", page);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("fetch", async (address: string, { method }: RequestInit) => {
      asked.push(`${method} ${address}`);
      return new Response(null, { status });
    });
    asked.length = over = 0;
    status = 200;
    page.hidden = false;
    stop = keepWatch(() => ["/one", "/beside"], () => over++);
  });

  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is asked about by itself, each series of it", async () => {
    await pass(A_QUARTER);
    expect(asked).toEqual(["HEAD /one", "HEAD /beside"]);
  });

  it.each([401, 403, 404, 410, 423])("goes when the answer is %i", async (refused) => {
    status = refused;
    await pass(A_QUARTER);
    expect(over).toBe(1);
  });

  it.each([429, 500, 503])("stays when the answer is %i: that says nothing of the right", async (busy) => {
    status = busy;
    await pass(A_QUARTER);
    expect(over).toBe(0);
  });

  it("is not asked about for ever, but at the next touch", async () => {
    await pass(60 * 60_000);
    const before = asked.length;
    expect(before).toBeLessThanOrEqual((5 * 60_000 * 2) / A_QUARTER);
    status = 410;
    touch();
    await pass(0);
    expect(asked.length).toBe(before + 1);
    expect(over).toBe(1);
  });

  it("is not asked about while nobody sees it, or once it is over", async () => {
    page.hidden = true;
    await pass(60_000);
    expect(asked).toEqual([]);
    page.hidden = false;
    stop();
    await pass(60_000);
    touch();
    expect(asked).toEqual([]);
  });
});
