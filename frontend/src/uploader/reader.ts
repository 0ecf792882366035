// How does the page ask its worker?
import type { Found, Left } from "./found";
import type { Ask, Bundle, Picked, Progress, Reply, Wanted } from "./protocol";

export interface Scanned {
  found: Found[];
  left: Left[];
}

/** The worker and what it has read. `stop` ends it in the middle of anything. */
export class Reader {
  private readonly worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  private readonly waiting = new Map<number, (reply: never) => void>();
  private calls = 0;
  private onProgress: (progress: Progress) => void = () => {};
  private onScanned: (scanned: Scanned) => void = () => {};

  constructor(onBroken: () => void) {
    this.worker.addEventListener("error", onBroken);
    this.worker.addEventListener("message", (event: MessageEvent<Reply>) => this.hear(event.data));
  }

  scan(picked: Picked[], largest: number, onProgress: (progress: Progress) => void): Promise<Scanned> {
    return this.scanning({ ask: "scan", picked, largest }, onProgress);
  }

  again(indexes: number[], onProgress: (progress: Progress) => void): Promise<Scanned> {
    return this.scanning({ ask: "again", indexes }, onProgress);
  }

  bundle(wanted: Wanted[]): Promise<Bundle | null> {
    return this.call((call) => ({ ask: "bundle", call, wanted }));
  }

  cover(index: number): Promise<ImageBitmap | null> {
    return this.call((call) => ({ ask: "cover", call, index }));
  }

  stop(): void {
    this.worker.terminate();
  }

  private scanning(ask: Ask, onProgress: (progress: Progress) => void): Promise<Scanned> {
    this.onProgress = onProgress;
    return new Promise((resolve) => {
      this.onScanned = resolve;
      this.worker.postMessage(ask);
    });
  }

  private call<T>(ask: (call: number) => Ask): Promise<T> {
    const call = ++this.calls;
    return new Promise<T>((resolve) => {
      this.waiting.set(call, resolve as (reply: never) => void);
      this.worker.postMessage(ask(call));
    });
  }

  private hear(reply: Reply): void {
    if (reply.reply === "progress") return this.onProgress(reply.progress);
    if (reply.reply === "scanned") return this.onScanned({ found: reply.found, left: reply.left });
    const resolve = this.waiting.get(reply.call);
    this.waiting.delete(reply.call);
    resolve?.((reply.reply === "bundle" ? reply.bundle : reply.picture) as never);
  }
}
