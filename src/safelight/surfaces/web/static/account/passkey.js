// How does a page speak with a passkey? Buttons with data-passkey="sign-in", "create" or "confirm".

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function creation(options) {
  const asked = options.publicKey;
  return {
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    },
  };
}

function request(options) {
  const asked = options.publicKey;
  return {
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: named(asked.allowCredentials),
    },
  };
}

function written(credential) {
  const response = {};
  const said = credential.response;
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (said[name]) response[name] = text(said[name]);
  }
  const ways = said.getTransports?.();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: ways ? { ...response, transports: ways } : response,
  });
}

const optionsOf = (button) => JSON.parse(document.getElementById(button.dataset.options).textContent);

async function signIn(button) {
  const form = button.form;
  const asked = await fetch(form.dataset.question, { headers: { Accept: "application/json" } });
  const credential = await navigator.credentials.get(request(await asked.json()));
  form.elements.credential.value = written(credential);
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok) throw new Error("refused");
  window.location.assign((await answer.json()).next);
}

async function create(button) {
  const credential = await navigator.credentials.create(creation(optionsOf(button)));
  button.form.elements.credential.value = written(credential);
  button.form.requestSubmit();
}

async function confirm(button) {
  const credential = await navigator.credentials.get(request(optionsOf(button)));
  button.form.elements["confirm-credential"].value = written(credential);
  button.form.requestSubmit();
}

const acts = { "sign-in": signIn, create, confirm };

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey-form]")) form.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const says = button.parentElement.querySelector("[data-passkey-says]");
      says.hidden = true;
      button.disabled = true;
      try {
        await acts[button.dataset.passkey](button);
      } catch {
        says.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }
}
