// How does a person keep one picture, where the share allows it?

import type { Pane } from "./pane";

const GONE_AFTER = 10_000;

/** Save the picture as it is shaded now, without lines, letters or a name. */
export async function savePicture(pane: Pane): Promise<void> {
  const blob = await pane.toBlob();
  if (!blob) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `picture-${pane.index + 1}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), GONE_AFTER);
}
