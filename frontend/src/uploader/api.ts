// How does this page speak to its server?
import type { BatchOpened, BatchRequest, Finished, Unfinished, UploadData, Verdicts } from "./contract";

const MARKS_AT_ONCE = 5000;

/** A refusal in the server's own words. `status` 0 means it was not reached. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

export class Api {
  private token: string;

  constructor(private readonly data: UploadData) {
    this.token = data.csrf;
  }

  get csrf(): string {
    return this.token;
  }

  get uploads(): string {
    return this.data.endpoints.uploads;
  }

  open(request: BatchRequest): Promise<BatchOpened> {
    return this.ask("POST", this.data.endpoints.batches, request);
  }

  finish(batch: string): Promise<Finished> {
    return this.ask("POST", `${this.data.endpoints.batches}/${batch}/finish`, {});
  }

  /** Deliveries that may go on; also renews the token, for who had to sign in again. */
  async unfinished(): Promise<Unfinished[]> {
    const answer = await this.ask<{ batches: Unfinished[]; csrf: string }>("GET", `${this.data.endpoints.batches}/unfinished`);
    this.token = answer.csrf;
    return answer.batches;
  }

  verdicts(upload: string): Promise<Verdicts> {
    return this.ask("GET", `${upload}/verdicts`);
  }

  /** Which of these fingerprints of picture numbers are already in the account? */
  async known(marks: readonly string[]): Promise<Set<string>> {
    const known = new Set<string>();
    for (let at = 0; at < marks.length; at += MARKS_AT_ONCE) {
      const sop = marks.slice(at, at + MARKS_AT_ONCE);
      const answer = await this.ask<{ known: string[] }>("POST", this.data.endpoints.known, { sop });
      for (const mark of answer.known) known.add(mark);
    }
    return known;
  }

  private async ask<T>(method: string, address: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(address, {
        method,
        credentials: "same-origin",
        redirect: "error",
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json", "X-CSRF-Token": this.token }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Refused(0, "unreachable", "The server cannot be reached just now.");
    }
    if (response.ok) return (await response.json()) as T;
    const said = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new Refused(response.status, said.code ?? "", said.detail ?? "The server did not take this.");
  }
}
