// Which icons do the pages use? Run `node scripts/icons.mjs` after adding a name; the sprite is committed.

import { readFileSync, writeFileSync } from "node:fs";

const names = [
  "activity", "arrow-left", "arrow-right", "at-sign", "badge-check", "bone", "brain", "building-2",
  "calendar-days", "check", "chevron-left", "chevron-right", "circle-alert", "circle-check",
  "circle-question-mark", "circle-slash", "clock", "columns-2", "columns-3", "contrast", "copy", "disc-3",
  "door-open", "download", "eraser", "expand", "eye", "eye-off", "file-archive", "file-search",
  "file-text", "files", "filter", "fingerprint", "flag", "flip-vertical-2", "folder-open", "hand",
  "heart", "history", "hourglass", "house", "image", "inbox", "info", "key-round", "layers", "link",
  "link-2", "link-2-off", "loader", "lock", "log-in", "log-out", "mail", "mail-check", "mail-plus",
  "maximize", "minus", "move", "octagon-alert", "pause", "pencil", "play", "plus", "printer", "rotate-ccw",
  "rotate-cw", "ruler", "scale", "scroll-text", "search", "send", "share-2", "shield-check", "siren",
  "skip-forward", "sparkle", "star", "stethoscope", "sun", "trash-2", "triangle-alert", "type", "undo-2",
  "upload", "user", "user-check", "user-x", "users", "wind", "x", "zoom-in", "zoom-out",
];

const from = new URL("../node_modules/lucide-static/", import.meta.url);
const to = new URL("../../src/safelight/surfaces/web/static/icons.svg", import.meta.url);

// XML allows no two dashes side by side in a comment; a sprite with one in it shows no icon at all.
const licence = readFileSync(new URL("LICENSE", from), "utf8").replaceAll(/-(?=-)/g, "- ").trim();
const symbols = names.map((name) => {
  const drawing = readFileSync(new URL(`icons/${name}.svg`, from), "utf8");
  const inner = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"));
  const lines = inner.trim().split(/\s*\n\s*/).map((line) => `  ${line}`).join("\n");
  return `<symbol id="${name}" viewBox="0 0 24 24">\n${lines}\n</symbol>`;
});

writeFileSync(
  to,
  `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Icons from Lucide.\n${licence}\n-->\n${symbols.join("\n")}\n</svg>\n`,
);
