// What does the page look like once access is over?

/** Take away what still shows something, and say why. */
export function showEnd(): void {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  for (const image of document.querySelectorAll(".strip img")) image.remove();
  document.body.classList.add("ended");
  const card = document.getElementById("ended")!;
  card.hidden = false;
  card.focus();
}
