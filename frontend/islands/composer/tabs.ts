/* Tabs of the texts, after the pattern of ARIA: one is in the order of Tab, arrows move between them. */

export function startTabs(root: HTMLElement): void {
  const list = root.querySelector<HTMLElement>('[role="tablist"]');
  if (!list) return;
  const tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
  const show = (chosen: HTMLElement, focus: boolean): void => {
    for (const tab of tabs) {
      const here = tab === chosen;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !here;
    }
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focus) chosen.focus();
  };
  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      show(tab, false);
      document.getElementById(tab.getAttribute("aria-controls") ?? "")?.querySelector("textarea")?.focus();
    });
  }
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target as HTMLElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
    const edge = { Home: tabs[0], End: tabs.at(-1) }[event.code];
    const next = edge ?? (step ? tabs[(at + step + tabs.length) % tabs.length] : undefined);
    if (at < 0 || !next) return;
    event.preventDefault();
    show(next, true);
  });
  // A panel with errors that came with the page opens at once, and one that the address names.
  const named = tabs.find((tab) => tab.getAttribute("href") === window.location.hash);
  if (named) show(named, false);
}

/** Previews as on a phone or as on a desk; the choice is kept while the browser is open. */
export function startViews(root: HTMLElement): void {
  const buttons = [...root.querySelectorAll<HTMLElement>("[data-view]")];
  const show = (view: string): void => {
    root.classList.toggle("as-desk", view === "desk");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset["view"] === view));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const view = button.dataset["view"] ?? "phone";
      sessionStorage.setItem("niva-view", view);
      show(view);
    });
  }
  if (sessionStorage.getItem("niva-view") === "desk") show("desk");
}
