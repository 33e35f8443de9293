/* <niva-live data-url="…" data-every="15">: asks for its content again every so many seconds while the page is
 * seen and nobody is typing or choosing in it. An answer 204 changes nothing, 286 stops it. data-until="#selector" stops it
 * when the content holds such an element. */
import htmx from "htmx.org";
import { isTyping } from "../kit.ts";

class Live extends HTMLElement {
  private timer = 0;
  private etag = "";

  connectedCallback(): void {
    const seconds = Math.max(Number(this.dataset["every"] ?? 15), 2);
    this.timer = window.setInterval(() => void this.refresh(), seconds * 1000);
    document.addEventListener("visibilitychange", this.onVisible);
  }

  disconnectedCallback(): void {
    this.stop();
  }

  private readonly onVisible = (): void => {
    if (document.visibilityState === "visible") void this.refresh();
  };

  private stop(): void {
    window.clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  private busy(): boolean {
    const focused = document.activeElement;
    if (this.querySelector("details.menu[open]")) return true; // an open question must not vanish unanswered
    return document.visibilityState !== "visible" || (this.contains(focused) && isTyping(focused));
  }

  private async refresh(): Promise<void> {
    const url = this.dataset["url"];
    if (!url || this.busy()) return;
    const headers: Record<string, string> = { "HX-Request": "true" };
    if (this.etag) headers["If-None-Match"] = this.etag;
    try {
      const answer = await fetch(url, { headers, credentials: "same-origin" });
      if (answer.status === 286) this.stop();
      if (answer.status !== 200 && answer.status !== 286) return;
      this.etag = answer.headers.get("ETag") ?? "";
      const fresh = await answer.text();
      if (!this.busy()) this.put(fresh);
    } catch {
      // The connection is gone for a moment: the next round asks again, what is shown stays.
    }
  }

  private put(fresh: string): void {
    htmx.swap(this, fresh, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
    const until = this.dataset["until"];
    if (until && this.querySelector(until)) this.stop();
  }
}

customElements.define("niva-live", Live);
