// What is the one part of a multipart/related answer? (RFC 2387, PS3.18 8.6.1)

const CR = 13;
const LF = 10;
const DASH = 45;

export function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/**
 * The bytes of the first part, copied so that they are aligned for typed arrays.
 *
 * Pixels may hold anything, a boundary's bytes included, so the part is taken to
 * run up to the *last* delimiter of the answer; only one frame is asked at a time.
 * Returns undefined where the answer is not whole.
 */
export function onlyPart(body: Uint8Array, boundary: string): ArrayBuffer | undefined {
  const start = afterHeaders(body);
  const end = lastDelimiter(body, boundary);
  if (start === undefined || end === undefined || end < start) return undefined;
  return body.slice(start, end).buffer as ArrayBuffer;
}

function afterHeaders(body: Uint8Array): number | undefined {
  for (let at = 0; at + 3 < body.length; at++) {
    if (body[at] === CR && body[at + 1] === LF && body[at + 2] === CR && body[at + 3] === LF) {
      return at + 4;
    }
  }
  return undefined;
}

/** Where CRLF and the closing delimiter begin, looked for from the end. */
function lastDelimiter(body: Uint8Array, boundary: string): number | undefined {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}--`);
  let at = body.length - delimiter.length;
  while (at >= 0 && !delimiter.every((byte, offset) => body[at + offset] === byte)) at--;
  return at >= 0 && body[at + 2] === DASH ? at : undefined;
}
