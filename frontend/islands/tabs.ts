/* On a narrow screen the row of tabs (of stages) scrolls sideways: the one that is open must not stand outside of it. */
export function showOpenTab(root: ParentNode = document): void {
  for (const row of root.querySelectorAll<HTMLElement>("nav.tabs, ol.way")) {
    const open = row.querySelector<HTMLElement>(":scope > [aria-current]");
    if (!open || row.scrollWidth <= row.clientWidth) continue;
    const before = open.getBoundingClientRect().left - row.getBoundingClientRect().left;
    row.scrollLeft += before - (row.clientWidth - open.clientWidth) / 2;
  }
}
