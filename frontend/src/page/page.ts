// Small helps for ordinary pages. Every one of them works without this script too.

/** Copy what stands in the element that a button names. */
function offerToCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const source = document.getElementById(button.dataset["copy"] ?? "");
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    const words = button.textContent ?? "";
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(source.innerText.trim()).then(() => {
        button.textContent = button.dataset["copied"] ?? words;
        window.setTimeout(() => (button.textContent = words), 3000);
      });
    });
  }
}

/** Offer paper to whoever wants to keep what stands here. */
function offerToPrint(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** Mark which part of the page was chosen among its tabs. */
function markChosenTab(): void {
  const tabs = [...document.querySelectorAll<HTMLAnchorElement>(".tabs a[href^='#']")];
  const follow = (): void => {
    const chosen = tabs.find((tab) => tab.hash === location.hash) ?? tabs[0];
    for (const tab of tabs) tab.toggleAttribute("aria-current", tab === chosen);
    chosen?.setAttribute("aria-current", "true");
  };
  window.addEventListener("hashchange", follow);
  if (tabs.length > 0) follow();
}

/** Show a part of a form only while the choice it belongs to is made. */
function showWhatBelongs(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-shown-with]")) {
    const [name, value] = (part.dataset["shownWith"] ?? "").split("=");
    const follow = (): void => {
      const chosen = document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`);
      part.hidden = chosen?.value !== value;
    };
    for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
      input.addEventListener("change", follow);
    }
    follow();
  }
}

offerToCopy();
offerToPrint();
markChosenTab();
showWhatBelongs();

export {};
