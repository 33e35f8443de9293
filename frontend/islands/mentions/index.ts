/* <niva-mentions>: names of people after an @ in its textarea. Inside: a textarea, and a script with a JSON list of
 * names. Arrows and Enter choose, Escape closes; typing a name whole does the same without the list. */
const MOST = 6;

class Mentions extends HTMLElement {
  private readonly list = document.createElement("ul");
  private names: string[] = [];
  private chosen = 0;

  connectedCallback(): void {
    const box = this.box;
    if (!box) return;
    this.names = JSON.parse(this.querySelector('script[type="application/json"]')?.textContent ?? "[]") as string[];
    this.list.className = "names";
    this.list.id = `${box.id || "text"}-names`;
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    box.after(this.list);
    box.setAttribute("aria-controls", this.list.id);
    box.setAttribute("aria-autocomplete", "list");
    box.addEventListener("input", () => this.open());
    box.addEventListener("blur", () => this.close());
    box.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const name = (event.target as Element).closest("li")?.textContent;
      if (name) this.put(name);
    });
  }

  private get box(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }

  /** What stands between the last @ and the caret; null where no name is being typed. */
  private get begun(): string | null {
    const before = this.box?.value.slice(0, this.box.selectionStart) ?? "";
    return /(?:^|[^\p{L}\p{N}._-])@([\p{L}\p{N}]*(?: [\p{L}\p{N}]*)?)$/u.exec(before)?.[1] ?? null;
  }

  private open(): void {
    const begun = this.begun?.toLowerCase();
    const fit = begun === undefined ? [] : this.names.filter((name) => name.toLowerCase().startsWith(begun)).slice(0, MOST);
    this.chosen = 0;
    this.list.replaceChildren(...fit.map((name, n) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.id = `${this.list.id}-${n}`;
      item.setAttribute("role", "option");
      return item;
    }));
    this.list.hidden = !fit.length;
    this.mark();
  }

  private close(): void {
    this.list.hidden = true;
    this.box?.removeAttribute("aria-activedescendant");
  }

  private mark(): void {
    for (const [n, item] of [...this.list.children].entries()) item.setAttribute("aria-selected", String(n === this.chosen));
    const item = this.list.children[this.chosen];
    if (item && !this.list.hidden) this.box?.setAttribute("aria-activedescendant", item.id);
  }

  private onKey(event: KeyboardEvent): void {
    if (this.list.hidden) return;
    const count = this.list.children.length;
    if (event.key === "ArrowDown") this.chosen = (this.chosen + 1) % count;
    else if (event.key === "ArrowUp") this.chosen = (this.chosen + count - 1) % count;
    else if (event.key === "Enter" || event.key === "Tab") this.put(this.list.children[this.chosen]?.textContent ?? "");
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.mark();
  }

  private put(name: string): void {
    const [box, begun] = [this.box, this.begun];
    this.close();
    if (!box || begun === null || !name) return;
    box.setRangeText(`${name} `, box.selectionStart - begun.length, box.selectionStart, "end");
  }
}

customElements.define("niva-mentions", Mentions);
