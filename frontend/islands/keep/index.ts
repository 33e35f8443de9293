/* <niva-keep data-key="…">: what is typed into its textarea stays in this browser until the desk has it.
 *
 * The form inside saves itself through htmx. When that fails and the page is left, the next visit finds the text
 * again: on the same version it is put back (and saved), on another one it is shown beside, to be taken from. */
class Keep extends HTMLElement {
  connectedCallback(): void {
    const box = this.querySelector("textarea");
    if (!box) return;
    const store = `niva-keep:${this.dataset["key"] ?? location.pathname}`;
    let sent = "";
    const again = (): void => {
      if (this.isConnected && localStorage.getItem(store)) box.dispatchEvent(new Event("input", { bubbles: true }));
    };
    this.giveBack(box, store);
    box.addEventListener("input", () => localStorage.setItem(store, JSON.stringify([this.version, box.value])));
    this.addEventListener("htmx:beforeRequest", () => (sent = box.value));
    this.addEventListener("htmx:afterRequest", (event) => {
      const { successful, xhr } = (event as CustomEvent<{ successful: boolean; xhr: XMLHttpRequest }>).detail;
      if (successful && box.value === sent) localStorage.removeItem(store);
      if (xhr.status === 0) setTimeout(again, 5000); // nobody answered: once more, until somebody does
    });
    addEventListener("online", again);
    this.querySelector("form")?.addEventListener("submit", () => (sent = box.value));
  }

  private get version(): string {
    return this.querySelector<HTMLInputElement>("[name=version]")?.value ?? "";
  }

  private giveBack(box: HTMLTextAreaElement, store: string): void {
    const kept = localStorage.getItem(store);
    if (kept === null) return;
    const [version, text] = JSON.parse(kept) as [string, string];
    if (text.trim() === box.value.trim()) return localStorage.removeItem(store);
    const note = this.querySelector<HTMLElement>("[data-kept]");
    const aside = this.querySelector<HTMLElement>("[data-aside]");
    if (version === this.version) {
      box.value = text;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (aside) {
      aside.textContent = text;
      aside.hidden = false;
    }
    if (note) note.hidden = false;
  }
}

customElements.define("niva-keep", Keep);
