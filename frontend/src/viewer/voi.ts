// How bright is a value? (PS3.3 C.11.2.1.2, C.11.2.1.3)

export type VoiFunction = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";

export interface Window {
  readonly center: number;
  readonly width: number;
  readonly fn: VoiFunction;
}

export const usable = (window: Window): boolean =>
  Number.isFinite(window.center) &&
  Number.isFinite(window.width) &&
  window.width >= (window.fn === "LINEAR" ? 1 : Number.MIN_VALUE);

/** A function from a value, in the units of the modality, to 0..1. */
export function curve({ center, width, fn }: Window): (value: number) => number {
  if (fn === "SIGMOID") return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const middle = fn === "LINEAR" ? center - 0.5 : center;
  const across = fn === "LINEAR" ? width - 1 : width;
  if (across <= 0) return (value) => (value > middle ? 1 : 0);
  return (value) => Math.min(1, Math.max(0, (value - middle) / across + 0.5));
}

export type Preset = "original" | "soft" | "lung" | "bone" | "brain";

/** Customary windows for CT numbers, in Hounsfield units. */
export const CT_WINDOWS: Readonly<Record<Exclude<Preset, "original">, Window>> = {
  soft: { center: 40, width: 400, fn: "LINEAR" },
  lung: { center: -600, width: 1500, fn: "LINEAR" },
  bone: { center: 400, width: 1800, fn: "LINEAR" },
  brain: { center: 40, width: 80, fn: "LINEAR" },
};

/** What the two sliders ask for: -100 to 100, 0 leaves the window as it is. */
export interface Touch {
  readonly brightness: number;
  readonly contrast: number;
}

export const UNTOUCHED: Touch = { brightness: 0, contrast: 0 };

/** The window after the sliders: a full turn of brightness moves it by its own width. */
export function touched(window: Window, { brightness, contrast }: Touch): Window {
  if (!brightness && !contrast) return window;
  const least = window.fn === "LINEAR" ? 1 : window.width / 1000;
  return {
    fn: window.fn,
    center: window.center - (brightness / 100) * window.width,
    width: Math.max(least, window.width * 2 ** (-contrast / 40)),
  };
}
