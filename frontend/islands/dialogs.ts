/* Dialogs without scripts of their own: data-open opens a <dialog> that htmx brought, data-dialog="id" opens one
 * of the page, data-close closes the one it stands in. Menus close when something else is pressed. Escape presses
 * the [data-cancel] of the form one is in. */

function openBrought(root: ParentNode): void {
  for (const dialog of root.querySelectorAll<HTMLDialogElement>("dialog[data-open]")) {
    dialog.removeAttribute("data-open");
    if (!dialog.open) dialog.showModal();
  }
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset["dialog"] ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  }
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && target.open && outside(target, event)) target.close();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function outside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function onKey(event: KeyboardEvent): void {
  if (event.code !== "Escape") return;
  // A cell of a table that is being typed into: as it was.
  (event.target as Element).closest("form")?.querySelector<HTMLElement>("[data-cancel]")?.click();
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

export function startDialogs(): void {
  openBrought(document);
  document.addEventListener("htmx:load", (event) => openBrought((event.target as Element).parentNode ?? document));
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
}
