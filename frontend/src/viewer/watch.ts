// May what stands on the screen stand there still?
//
// All pictures of a series may be here already, so that nothing more is asked for. While
// somebody is at it we ask by ourselves, and once they come back; not for longer, because a
// page left alone must not keep its session alive.

import { ask, EndedError } from "./fetching";

const EVERY = 15_000;
const AT_IT = 5 * 60_000;
const TOUCHES = ["pointerdown", "pointermove", "wheel", "keydown"] as const;

/**
 * Ask for the heads of what is on the screen now and then, and say when one is refused.
 * Returns how to stop.
 */
export function keepWatch(shown: () => readonly string[], over: () => void): () => void {
  const quiet = new AbortController();
  let touched = Date.now();
  let asked = touched;
  const look = async (): Promise<void> => {
    const now = Date.now();
    if (document.hidden || now - asked < EVERY || now - touched > AT_IT) return;
    asked = now;
    try {
      for (const address of shown()) await ask(address, "image/jpeg", quiet.signal, "HEAD");
    } catch (error) {
      // A line that is down or a server that is busy says nothing about the right to look.
      if (error instanceof EndedError) over();
    }
  };
  const touch = (): void => {
    touched = Date.now();
    void look();
  };
  const timer = setInterval(() => void look(), EVERY);
  quiet.signal.addEventListener("abort", () => clearInterval(timer));
  const { signal } = quiet;
  for (const each of TOUCHES) addEventListener(each, touch, { passive: true, signal });
  document.addEventListener("visibilitychange", touch, { signal });
  return () => quiet.abort();
}
