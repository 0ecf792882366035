// What is this file, judged by its first bytes and never by its name?

export type Sort = "dicom" | "zip" | "pdf" | "jpeg" | "png" | Skipped;
export type Skipped = "program" | "page" | "index" | "empty" | "disc-image" | "other" | "unreadable";

function starts(bytes: Uint8Array, ...wanted: number[]): boolean {
  return wanted.every((byte, at) => bytes[at] === byte);
}

function startsText(bytes: Uint8Array, wanted: string): boolean {
  return starts(bytes, ...[...wanted].map((letter) => letter.charCodeAt(0)));
}

function isText(bytes: Uint8Array): boolean {
  const some = bytes.subarray(0, 512);
  return some.length > 0 && some.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32);
}

function isProgram(bytes: Uint8Array): boolean {
  return (
    startsText(bytes, "MZ") ||
    starts(bytes, 0x7f, 0x45, 0x4c, 0x46) ||
    starts(bytes, 0xca, 0xfe, 0xba, 0xbe) ||
    starts(bytes, 0xcf, 0xfa, 0xed, 0xfe) ||
    starts(bytes, 0xce, 0xfa, 0xed, 0xfe) ||
    starts(bytes, 0xfe, 0xed, 0xfa) ||
    startsText(bytes, "MSCF") ||
    startsText(bytes, "#!")
  );
}

/** Sort a file by content. "dicom" may still turn out not to be one. */
export function sniff(bytes: Uint8Array): Sort {
  if (bytes.length === 0) return "empty";
  if (startsText(bytes.subarray(128), "DICM")) return "dicom";
  if (starts(bytes, 0x50, 0x4b, 3, 4) || starts(bytes, 0x50, 0x4b, 5, 6)) return "zip";
  if (startsText(bytes, "%PDF-")) return "pdf";
  if (starts(bytes, 0xff, 0xd8, 0xff)) return "jpeg";
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)) return "png";
  if (isProgram(bytes)) return "program";
  if (startsText(bytes.subarray(0x8001), "CD001")) return "disc-image";
  if ((bytes[0] === 8 && bytes[1] === 0) || (bytes[0] === 0 && bytes[1] === 8)) return "dicom";
  if (bytes[0] === 2 && bytes[1] === 0) return "dicom";
  return isText(bytes) ? "page" : "other";
}
