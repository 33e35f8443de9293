/* The button of the next free slot fills day and hour: the post's, or those of one community. */

export function startHour(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-slot-day]") : null;
    if (!button) return;
    const of = button.dataset["slotFor"] ? `-${button.dataset["slotFor"]}` : "";
    const day = root.querySelector<HTMLInputElement>(`input[name="day${of}"]`);
    const at = root.querySelector<HTMLInputElement>(`input[name="at${of}"]`);
    if (!day || !at) return;
    day.value = button.dataset["slotDay"] ?? "";
    at.value = button.dataset["slotAt"] ?? "";
    at.dispatchEvent(new Event("change", { bubbles: true }));
    if (!of) button.closest("details")?.removeAttribute("open");
  });
}
