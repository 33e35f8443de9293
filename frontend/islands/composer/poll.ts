/* The poll: answers are added and taken out; Enter in an answer goes on to the next. */

const FEWEST = 2;

export function startPoll(root: HTMLElement, changed: () => void): void {
  const poll = root.querySelector<HTMLElement>("[data-poll]");
  const list = poll?.querySelector<HTMLElement>("[data-poll-options]");
  if (!poll || !list) return;
  const add = (): void => {
    const pattern = list.lastElementChild;
    if (!pattern) return;
    const row = pattern.cloneNode(true) as HTMLElement;
    const number = String(list.children.length + 1);
    for (const part of row.querySelectorAll<HTMLElement>("[aria-label]")) {
      part.setAttribute("aria-label", (part.getAttribute("aria-label") ?? "").replace(/\d+/, number));
    }
    const input = row.querySelector("input");
    if (input) input.value = "";
    list.append(row);
    input?.focus();
    changed();
  };
  poll.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-poll-add]")) add();
    const row = target?.closest("[data-poll-remove]")?.parentElement;
    if (!row) return;
    const input = row.querySelector("input");
    if (list.children.length > FEWEST) row.remove();
    else if (input) input.value = "";
    changed();
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = (event.target as HTMLElement).closest(".row")?.nextElementSibling?.querySelector("input");
    if (next) next.focus();
    else add();
  });
}
