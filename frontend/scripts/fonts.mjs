// Which letters can our papers print? Puts the fonts, with their licence, where the papers are made.

import { copyFileSync, mkdirSync } from "node:fs";

const from = new URL("../node_modules/dejavu-fonts-ttf/", import.meta.url);
const to = new URL("../../src/safelight/exchange/release/papers/fonts/", import.meta.url);

mkdirSync(to, { recursive: true });
for (const name of ["ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "LICENSE"]) {
  copyFileSync(new URL(name, from), new URL(name.split("/").at(-1), to));
}
