// Does the address carry the code of the paper? It stands behind the #, which browsers never send.

const field = document.getElementById("code");
const secret = window.location.hash.slice(1);
if (field && secret) {
  field.value = decodeURIComponent(secret);
  // Out of the address bar and the history, so that it is not left behind on this computer.
  window.history.replaceState(null, "", window.location.pathname);
}
