// Small helps for ordinary pages. Every one of them works without this script too.

/** Put the link's secret, which travels after the #, into the form; a person still presses the button. */
function takeSecretFromAddress(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-open-share]");
  const field = form?.querySelector<HTMLInputElement>("input[name=secret]");
  const secret = location.hash.slice(1);
  if (!form || !field || secret.length < 20) return;
  field.value = secret;
  history.replaceState(null, "", location.pathname);
  for (const part of document.querySelectorAll<HTMLElement>("[data-with-secret]")) part.hidden = false;
  for (const part of document.querySelectorAll<HTMLElement>("[data-without-secret]")) part.hidden = true;
  for (const input of document.querySelectorAll<HTMLInputElement>("[data-without-secret] input")) {
    input.required = false;
  }
  form.querySelector<HTMLButtonElement>("button")?.focus();
}

/** Copy what stands in the element that a button names. */
function offerToCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const source = document.getElementById(button.dataset["copy"] ?? "");
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    const words = button.textContent ?? "";
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(source.textContent?.trim() ?? "").then(() => {
        button.textContent = button.dataset["copied"] ?? words;
        window.setTimeout(() => (button.textContent = words), 3000);
      });
    });
  }
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

takeSecretFromAddress();
offerToCopy();
showWhatBelongs();

export {};
