// Which files lie in what was dropped here, folders and all?
import type { Picked } from "./protocol";

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function someOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

async function walk(entry: FileSystemEntry, found: Picked[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    found.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives at most a hundred entries at a time; an empty answer is the end.
  for (let some = await someOf(reader); some.length > 0; some = await someOf(reader)) {
    for (const each of some) await walk(each, found);
  }
}

/** Every file that was dropped. The entries must be taken before the event ends. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = items.map((item) => item.getAsFile());
  const found: Picked[] = [];
  for (const [at, entry] of entries.entries()) {
    const file = plain[at];
    if (entry) await walk(entry, found);
    else if (file) found.push({ file, path: file.name });
  }
  return sorted(found);
}

/** The files of an `<input type="file">`, with their folder where there is one. */
export function picked(input: HTMLInputElement): Picked[] {
  const files = [...(input.files ?? [])];
  return sorted(files.map((file) => ({ file, path: file.webkitRelativePath || file.name })));
}

function sorted(found: Picked[]): Picked[] {
  return found.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}
