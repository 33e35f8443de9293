/* The button of the next free slot fills day and hour. */

export function startHour(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-slot-day]") : null;
    if (!button) return;
    const day = root.querySelector<HTMLInputElement>('input[name="day"]');
    const at = root.querySelector<HTMLInputElement>('input[name="at"]');
    if (!day || !at) return;
    day.value = button.dataset["slotDay"] ?? "";
    at.value = button.dataset["slotAt"] ?? "";
    at.dispatchEvent(new Event("change", { bubbles: true }));
    button.closest("details")?.removeAttribute("open");
  });
}
