// Does the address carry the link's secret? It stands behind the #, which browsers never send.

const form = document.querySelector("[data-share-open]");

function take() {
  const secret = window.location.hash.slice(1);
  if (!form || !secret) return;
  form.elements.secret.value = decodeURIComponent(secret);
  form.querySelector("[data-share-linked]").hidden = false;
  form.querySelector("[data-share-printed]").hidden = true;
  // Out of the address bar and the history, so that it is not left behind on this computer.
  window.history.replaceState(null, "", window.location.pathname);
}

take();
// The link pasted into a tab that is here already changes only what stands behind the #.
window.addEventListener("hashchange", take);
