/* A text that is not its own shows the common one; the first key pressed in it makes it its own. */

export function startMirrors(root: HTMLElement): void {
  for (const area of root.querySelectorAll<HTMLTextAreaElement>("[data-mirrors]")) mirror(root, area);
}

function mirror(root: HTMLElement, area: HTMLTextAreaElement): void {
  const common = root.querySelector<HTMLTextAreaElement>(`textarea[name="${area.dataset["mirrors"] ?? ""}"]`);
  const own = root.querySelector<HTMLInputElement>(`[data-own="${area.name}"]`);
  if (!common || !own) return;
  const hint = area.closest(".field")?.querySelector<HTMLElement>("[data-own-hint]");
  const told = (): void => {
    if (hint) hint.hidden = !own.checked;
  };
  area.addEventListener("input", () => {
    own.checked = true;
    told();
  });
  common.addEventListener("input", () => {
    if (!own.checked) area.value = common.value;
  });
  own.addEventListener("change", () => {
    if (!own.checked) area.value = common.value;
    told();
  });
}
