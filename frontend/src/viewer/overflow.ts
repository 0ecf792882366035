// How does a person see that a row goes on beyond the edge?

/** Mark where a row can be scrolled, and let its arrow button do it. */
export function showOverflow(row: HTMLElement, arrow: HTMLElement | null): void {
  const mark = (): void => {
    const left = Math.abs(row.scrollLeft);
    const hidden = row.scrollWidth - row.clientWidth;
    row.toggleAttribute("data-before", left > 4);
    row.toggleAttribute("data-after", left < hidden - 4);
  };
  row.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(row);
  for (const child of row.children) new ResizeObserver(mark).observe(child);
  arrow?.addEventListener("click", () => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollBy({ left: row.clientWidth * 0.75, behavior: calm ? "instant" : "smooth" });
  });
  mark();
}
