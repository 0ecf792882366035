// How does one bundle travel, so that a broken line costs at most one piece of it?
import { DefaultHttpStack, DetailedError, Upload, type HttpRequest, type HttpStack } from "tus-js-client";

import type { Bundle } from "./protocol";

/** Each piece carries its own checksum; a piece damaged on the way is sent again. */
const PIECE = 8 << 20;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
const CHECKSUM_MISMATCH = 460;
const TRY_AGAIN = new Set([408, 409, 423, 429, CHECKSUM_MISMATCH]);

async function checksum(piece: Blob): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

class CheckedStack implements HttpStack {
  private readonly inner = new DefaultHttpStack({});

  createRequest(method: string, url: string): HttpRequest {
    const request = this.inner.createRequest(method, url);
    const send = request.send.bind(request);
    const abort = request.abort.bind(request);
    let aborted = false;
    request.abort = () => {
      aborted = true;
      return abort();
    };
    request.send = async (body) => {
      const sum = method === "PATCH" && body instanceof Blob ? await checksum(body) : null;
      // Stopped while the checksum was made: never answer, as an aborted request does.
      if (aborted) return new Promise(() => {});
      if (sum !== null) request.setHeader("Upload-Checksum", sum);
      return send(body);
    };
    return request;
  }

  getName(): string {
    return "CheckedStack";
  }
}

export type TusProblem = "line" | "session" | "room" | "refused";

/** Why a bundle stopped: the line, the sign-in, no room left, or a refusal. */
export class TusError extends Error {
  constructor(
    readonly problem: TusProblem,
    readonly sentence: string,
  ) {
    super(problem);
  }
}

function problemOf(error: Error | DetailedError): TusError {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  let detail = "";
  try {
    detail = (JSON.parse(response?.getBody() ?? "{}") as { detail?: string }).detail ?? "";
  } catch {
    // Not from our server: the status alone decides.
  }
  if (status === 401 || status === 403) return new TusError("session", detail);
  if (status === 413 || status === 507) return new TusError("room", detail);
  if (status >= 400 && status < 500 && !TRY_AGAIN.has(status)) return new TusError("refused", detail);
  return new TusError("line", detail);
}

export interface Way {
  endpoint: string;
  /** Asked for each request: it changes when somebody signs in again. */
  csrf: () => string;
  batch: string;
  /** Where an earlier try was going, if the content is the same. */
  url?: string | undefined;
  onUrl(url: string): void;
  /** A piece did not get through; it is tried again. */
  onTrouble(): void;
  onProgress(sent: number): void;
}

/** One bundle on its way. */
export class Carriage {
  private readonly upload: Upload;
  /** Resolves with the bundle's address; rejects with `TusError`. */
  readonly arrived: Promise<string>;

  constructor(bundle: Bundle, way: Way) {
    let resolve: (url: string) => void;
    let reject: (error: TusError) => void;
    this.arrived = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.upload = new Upload(bundle.blob as File, {
      endpoint: way.endpoint,
      uploadUrl: way.url ?? null,
      chunkSize: PIECE,
      onBeforeRequest: (request) => request.setHeader("X-CSRF-Token", way.csrf()),
      metadata: { batch: way.batch },
      httpStack: new CheckedStack(),
      storeFingerprintForResuming: false,
      retryDelays: RETRY_MS,
      onShouldRetry: (error) => {
        const again = navigator.onLine && problemOf(error).problem === "line";
        if (again) way.onTrouble();
        return again;
      },
      onUploadUrlAvailable: () => this.upload.url && way.onUrl(this.upload.url),
      onProgress: (sent) => way.onProgress(sent),
      onSuccess: () => resolve(this.upload.url ?? ""),
      onError: (error) => reject(problemOf(error)),
    });
  }

  start(): void {
    this.upload.start();
  }

  async stop(): Promise<void> {
    await this.upload.abort(false);
  }
}
