/* The surplus of a text is underlined on a copy of it that lies behind the textarea. */

/** Marks everything from `from` (UTF-16 units) on; null clears the marking. */
export function mark(area: HTMLTextAreaElement, from: number | null): void {
  const backing = area.closest(".backed")?.querySelector<HTMLElement>(".backing");
  if (!backing) return;
  if (from === null) {
    backing.replaceChildren();
    return;
  }
  const over = document.createElement("span");
  over.className = "over";
  over.textContent = area.value.slice(from);
  // A text that ends with a new line needs something on it, or the copy is a line shorter than the original.
  backing.replaceChildren(area.value.slice(0, from), over, "\u200b");
  backing.scrollTop = area.scrollTop;
}

/** Lets the copy scroll with the text. */
export function watchScroll(area: HTMLTextAreaElement): void {
  const backing = area.closest(".backed")?.querySelector<HTMLElement>(".backing");
  backing?.setAttribute("aria-hidden", "true");
  area.addEventListener("scroll", () => {
    if (backing) backing.scrollTop = area.scrollTop;
  });
}
