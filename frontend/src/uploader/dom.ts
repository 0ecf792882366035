// How is a piece of page made, without any string ever becoming markup?

type Child = Node | string | null | false;
type Value = string | number | boolean | null | ((event: Event) => void);

/** Make an element: `on…` values listen, booleans set or leave an attribute, the rest is text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null) element.setAttribute(key, String(value));
  }
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the site's sprite, hidden from readers of the page aloud. */
export function icon(name: string, sprite: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** One step of the way: replaces what was there and puts the focus on its heading. */
export interface Stage {
  show(eyebrow: string, title: string, ...children: Child[]): void;
  /** Say something to readers of the page aloud. */
  announce(words: string): void;
  icon(name: string): SVGElement;
}

export function stageIn(root: HTMLElement): Stage {
  const sprite = root.dataset["sprite"] ?? "/static/icons.svg";
  const live = h("p", { class: "vh", role: "status", "aria-live": "polite" });
  const body = h("div", { class: "uploader-step" });
  root.replaceChildren(body, live);
  let first = true;
  return {
    show(eyebrow, title, ...children) {
      const heading = h("h1", { tabindex: "-1" }, title);
      body.replaceChildren(
        h("div", { class: "head" }, h("p", { class: "eyebrow" }, eyebrow), heading),
        ...children.filter((child): child is Node | string => child !== null && child !== false),
      );
      live.textContent = "";
      document.title = document.title.replace(/^[^–]*/, `${title} `);
      if (!first) {
        heading.focus({ preventScroll: true });
        window.scrollTo(0, 0);
      }
      first = false;
    },
    announce(words) {
      live.textContent = words;
    },
    icon: (name) => icon(name, sprite),
  };
}
