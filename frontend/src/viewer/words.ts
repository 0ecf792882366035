// What does the viewer say? English unless the page brings other words.

export const english = {
  picture: "Picture {n} of {total}",
  pictureOf: "{series}, picture {n} of {total}.",
  sides: "The left edge of the picture is towards {left}, the upper edge towards {top}.",
  loading: "Getting picture {n}",
  failed: "Picture {n} could not be shown. The other pictures are not affected.",
  seriesFailed: "These pictures could not be fetched. Nothing is lost; try again in a moment.",
  noPictures: "There are no pictures in this series.",
  thickness: "{mm} mm slices",
  nameHidden: "Name hidden",
  noName: "No name in these pictures",
  born: "{name}, born {date}",
  mm: "{value} mm, not for diagnosis",
  detector: "{value} mm at the detector, not for diagnosis",
  px: "{value} px, not for diagnosis",
  measured: "Length {length}",
  measureHow: "Press where the line starts, then where it ends. Or use the arrow keys and Enter.",
  cleared: "Lines removed",
  perSecond: "{n} a second",
  playing: "Playing",
  stopped: "Stopped at picture {n} of {total}",
  play: "Play",
  stop: "Stop",
  starred: "Picture {n} starred for this visit",
  unstarred: "Star taken off picture {n}",
  linkedByPlace: "The two move together, by position",
  linkedByOrder: "The two move together, by order",
  unlinked: "The two move apart",
  closed: "One picture again",
  active: "Now moving: {series}",
  zoom: "Size {percent} %",
  turned: "Turned. Upper edge: {top}",
  flipped: "Flipped. Left edge: {left}",
  L: "the patient's left",
  R: "the patient's right",
  A: "the front",
  P: "the back",
  H: "the head",
  F: "the feet",
} as const;

export type Words = Readonly<Record<keyof typeof english, string>>;

/** Put values in the places a sentence leaves for them. */
export const fill = (sentence: string, values: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
