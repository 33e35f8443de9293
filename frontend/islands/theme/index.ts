/* <niva-theme>: buttons with data-value system, light or dark. The choice is a cookie, so that the server draws
 * the next page in it at once; a page that saves it to the profile listens to niva:theme. */

const YEAR = 31_536_000;

class Theme extends HTMLElement {
  connectedCallback(): void {
    this.mark(this.dataset["themeNow"] ?? "system");
    this.addEventListener("click", (event) => {
      const value = (event.target as Element).closest<HTMLElement>("[data-value]")?.dataset["value"];
      if (value) this.choose(value);
    });
  }

  private choose(value: string): void {
    if (value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = value;
    document.cookie = `niva_theme=${value}; path=/; max-age=${YEAR}; samesite=lax`;
    for (const other of document.querySelectorAll<Theme>("niva-theme")) other.mark(value);
    document.dispatchEvent(new CustomEvent("niva:theme", { detail: { theme: value } }));
  }

  mark(value: string): void {
    for (const button of this.querySelectorAll<HTMLElement>("[data-value]")) {
      button.setAttribute("aria-pressed", String(button.dataset["value"] === value));
    }
  }
}

customElements.define("niva-theme", Theme);
