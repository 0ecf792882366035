// Which letters do the bytes of a DICOM text stand for? (PS3.3 C.12.1.1.2)

const LABELS: Record<string, string> = {
  "": "windows-1252",
  "ISO_IR 6": "windows-1252",
  "ISO_IR 100": "windows-1252",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "windows-1254",
  "ISO_IR 203": "iso-8859-15",
  "ISO_IR 166": "windows-874",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 192": "utf-8",
  "ISO 2022 IR 87": "iso-2022-jp",
  "ISO 2022 IR 159": "iso-2022-jp",
  "ISO 2022 IR 149": "euc-kr",
  "ISO 2022 IR 58": "gb18030",
  GB18030: "gb18030",
  GBK: "gb18030",
};

// After such an escape the bytes are already those of EUC-KR or GB 2312.
const DESIGNATIONS = /\x1b\$\)[CA]|\x1b[-().][A-Z]/g;

function labelOf(term: string): string {
  return LABELS[term] ?? LABELS[term.replace("ISO 2022 IR", "ISO_IR")] ?? "windows-1252";
}

/** Decode one value under the data set's Specific Character Set terms. */
export function decodeText(bytes: Uint8Array, terms: readonly string[]): string {
  const extension = terms.slice(1).map(labelOf).find((label) => label !== "windows-1252");
  const label = extension ?? labelOf(terms[0] ?? "");
  return new TextDecoder(label).decode(bytes).replace(DESIGNATIONS, "");
}
