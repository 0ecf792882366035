import { expect, test, vi } from "vitest";
import { EndedError } from "../../src/viewer/fetching";
import { FrameStore, type Limits, around } from "../../src/viewer/frames";
import { type Picture, picturesOf } from "../../src/viewer/pictures";
import type { Frame } from "../../src/viewer/shade";
import { SERIES, axial, grey } from "./make";

const pictures = picturesOf(Array.from({ length: 20 }, (_, at) => axial(at + 1, at)), SERIES);
const SIZE = 48; // 4 rows of 6 words
const limits: Limits = { kept: 20 * SIZE, ahead: 20 * SIZE, inFlight: 4 };

/** A line on which answers come when the test says so. */
class SlowLine {
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  readonly #waiting = new Map<string, { resolve(frame: Frame): void; reject(error: Error): void }>();

  fetch = (picture: Picture, signal: AbortSignal): Promise<Frame> => {
    this.asked.push(picture.key);
    return new Promise((resolve, reject) => {
      this.#waiting.set(picture.key, { resolve, reject });
      signal.addEventListener("abort", () => {
        this.aborted.push(picture.key);
        reject(new Error("aborted"));
      });
    });
  };

  async answer(picture: Picture): Promise<void> {
    this.#waiting.get(picture.key)!.resolve(grey(new Uint16Array(SIZE / 2)));
    await settled();
  }

  async fail(picture: Picture, error: Error): Promise<void> {
    this.#waiting.get(picture.key)!.reject(error);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const watcher = () => ({ arrived: vi.fn(), failed: vi.fn(), ended: vi.fn() });
const numbers = (keys: string[]): number[] =>
  keys.map((key) => pictures.findIndex((each) => each.key === key));

test("the picture in view is wanted first, then twice as many ahead as behind", () => {
  expect(numbers(around(pictures, 5, true).map(({ key }) => key)).slice(0, 8)).toEqual([
    5, 6, 7, 4, 8, 9, 3, 10,
  ]);
  expect(numbers(around(pictures, 5, false).map(({ key }) => key)).slice(0, 4)).toEqual([5, 4, 3, 6]);
});

test.each([0, 7, 19])("from picture %i every picture is wanted exactly once", (index) => {
  const wanted = numbers(around(pictures, index, true).map(({ key }) => key));
  expect([...wanted].sort((a, b) => a - b)).toEqual(pictures.map((_, at) => at));
});

test("no more than four are on the way at once", async () => {
  const line = new SlowLine();
  const store = new FrameStore(watcher(), limits, line.fetch);
  store.aim(store, around(pictures, 0, true));
  expect(numbers(line.asked)).toEqual([0, 1, 2, 3]);
  await line.answer(pictures[2]!);
  expect(numbers(line.asked)).toEqual([0, 1, 2, 3, 4]);
});

test("jumping gives up what is no longer near for what is in view", () => {
  const line = new SlowLine();
  const store = new FrameStore(watcher(), { ...limits, ahead: 4 * SIZE }, line.fetch);
  store.aim(store, around(pictures, 0, true));
  store.aim(store, around(pictures, 15, true));
  expect(numbers(line.aborted)).toEqual([0, 1, 2, 3]);
  expect(numbers(line.asked).slice(4)).toEqual([15, 16, 17, 14]);
});

test("one place is always made for the picture in view", () => {
  const line = new SlowLine();
  const store = new FrameStore(watcher(), limits, line.fetch);
  store.aim(store, around(pictures, 0, true));
  store.aim(store, around(pictures, 9, true));
  expect(numbers(line.asked).at(-1)).toBe(9);
  expect(line.aborted).toHaveLength(1);
});

test("two panes share the line in turns", () => {
  const line = new SlowLine();
  const store = new FrameStore(watcher(), limits, line.fetch);
  const other = {};
  store.aim(other, []);
  store.aim(store, [pictures[0]!]);
  store.aim(other, around(pictures, 10, true));
  expect(numbers(line.asked)).toEqual([0, 10, 11, 12]);
});

test("what is kept stays within its bounds, the least recently seen leaving first", async () => {
  const line = new SlowLine();
  const store = new FrameStore(watcher(), { ...limits, kept: 3 * SIZE, ahead: SIZE }, line.fetch);
  for (const index of [0, 1, 2]) {
    store.aim(store, [pictures[index]!]);
    await line.answer(pictures[index]!);
  }
  store.get(pictures[0]!);
  store.aim(store, [pictures[3]!]);
  await line.answer(pictures[3]!);
  expect(store.bytes).toBe(3 * SIZE);
  expect(pictures.slice(0, 4).map((each) => Boolean(store.get(each)))).toEqual([true, false, true, true]);
});

test("a picture that failed is asked for again only on request", async () => {
  const line = new SlowLine();
  const seen = watcher();
  const store = new FrameStore(seen, limits, line.fetch);
  store.aim(store, [pictures[0]!]);
  await line.fail(pictures[0]!, new Error("no"));
  expect(seen.failed).toHaveBeenCalledOnce();
  expect(store.hasFailed(pictures[0]!)).toBe(true);
  store.aim(store, [pictures[0]!]);
  expect(line.asked).toHaveLength(1);
  store.retry(pictures[0]!);
  await line.answer(pictures[0]!);
  expect(seen.arrived).toHaveBeenCalledWith(pictures[0]);
});

test("when access ends all is forgotten and nothing more is asked", async () => {
  const line = new SlowLine();
  const seen = watcher();
  const store = new FrameStore(seen, limits, line.fetch);
  store.aim(store, around(pictures, 0, true));
  await line.answer(pictures[0]!);
  await line.fail(pictures[1]!, new EndedError());
  expect(seen.ended).toHaveBeenCalledOnce();
  expect(store.get(pictures[0]!)).toBeUndefined();
  expect(store.bytes).toBe(0);
  const asked = line.asked.length;
  store.aim(store, around(pictures, 9, true));
  expect(line.asked).toHaveLength(asked);
});
