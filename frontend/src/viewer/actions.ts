// What can be done, and by which key?

export const ACTIONS = [
  "back",
  "on",
  "back-ten",
  "on-ten",
  "first",
  "last",
  "play",
  "larger",
  "smaller",
  "fit",
  "turn",
  "flip",
  "invert",
  "reset",
  "original",
  "soft",
  "lung",
  "bone",
  "brain",
  "move",
  "light",
  "measure",
  "clear",
  "star",
  "next-star",
  "compare",
  "link",
  "other",
  "text",
  "name",
  "full",
  "save",
  "help",
] as const;

export type Action = (typeof ACTIONS)[number];

export const isAction = (name: string | undefined): name is Action =>
  (ACTIONS as readonly (string | undefined)[]).includes(name);

const NAMED: Readonly<Record<string, Action>> = {
  ArrowUp: "back",
  ArrowLeft: "back",
  ArrowDown: "on",
  ArrowRight: "on",
  PageUp: "back-ten",
  PageDown: "on-ten",
  Home: "first",
  End: "last",
};

const LETTERS: Readonly<Record<string, Action>> = {
  " ": "play",
  "+": "larger",
  "=": "larger",
  "-": "smaller",
  "0": "fit",
  i: "invert",
  r: "turn",
  h: "flip",
  m: "measure",
  b: "light",
  c: "compare",
  l: "link",
  o: "other",
  s: "star",
  n: "next-star",
  f: "full",
  t: "text",
  "?": "help",
};

const TAKES_KEYS = "input, select, textarea, dialog, [contenteditable]";
const TAKES_SPACE = "button, a, summary";

/**
 * The action a key stands for, if the key is the viewer's to take.
 *
 * Letters can be switched off (WCAG 2.1.4): people who speak to their computer
 * would set them off by talking.
 */
export function actionFor(event: KeyboardEvent, { letters }: { letters: boolean }): Action | undefined {
  const target = event.target as Element | null;
  if (event.ctrlKey || event.metaKey || event.altKey || target?.closest?.(TAKES_KEYS)) return undefined;
  if (event.key === " " && target?.closest?.(TAKES_SPACE)) return undefined;
  return NAMED[event.key] ?? (letters ? LETTERS[event.key.toLowerCase()] : undefined);
}
