/* Chains of posts: Ctrl+Enter (or Cmd+Enter) in a post of a chain begins the next one at the cursor. The cut
 * itself is the server's: a line of three hyphens, which also works without scripts. */

const HERE = "\n---\n";

export function startChains(root: HTMLElement, act: (what: string) => void): void {
  root.addEventListener("keydown", (event) => {
    const area = event.target;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(area instanceof HTMLTextAreaElement)) return;
    const pk = area.dataset["part"] ?? area.dataset["first"];
    if (!pk) return;
    event.preventDefault();
    event.stopPropagation();
    area.setRangeText(HERE, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    act(`cut-${pk}`);
  });
}
