/* <niva-cover data-src>: the moment of a film that stands for it. Inside: select[data-how] ("", "at", or the number
 * of a picture), input[data-at] (seconds), img[data-still]; the still follows the slider when it is let go. */
class Cover extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("change", () => this.show());
    const slider = this.slider;
    slider?.addEventListener("input", () => this.say(slider.value));
    this.show();
  }

  private get slider(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("[data-at]");
  }

  private say(seconds: string): void {
    const out = this.querySelector("output");
    if (out) out.textContent = seconds;
  }

  private show(): void {
    const how = this.querySelector<HTMLSelectElement>("[data-how]")?.value ?? "";
    const row = this.querySelector<HTMLElement>("[data-moment]");
    if (row) row.hidden = how !== "at";
    const still = this.querySelector<HTMLImageElement>("[data-still]");
    if (!still) return;
    if (how === "at") still.src = `${this.dataset["src"] ?? ""}?at=${this.slider?.value ?? 0}`;
    else if (how) still.src = (this.dataset["thumb"] ?? "").replace("/0/", `/${how}/`);
    else still.src = this.dataset["auto"] ?? "";
  }
}

customElements.define("niva-cover", Cover);
