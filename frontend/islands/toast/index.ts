/* <niva-toast>: a short message with an optional way back. Comes from HX-Trigger {"niva:toast": {"text", "undo",
 * "url"}} or from another island. Not for errors. Stays while it is pointed at or focused. */

interface Message {
  text: string;
  undo?: string;
  url?: string;
}

const SHOWN_MS = 8000;

class Toast extends HTMLElement {
  private timer = 0;

  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
    document.addEventListener("niva:toast", this.show);
  }

  disconnectedCallback(): void {
    document.removeEventListener("niva:toast", this.show);
  }

  private readonly show = (event: Event): void => {
    const message = (event as CustomEvent<Message>).detail;
    const box = document.createElement("div");
    box.className = "toast";
    const words = document.createElement("span");
    words.textContent = message.text;
    box.append(words);
    if (message.undo && message.url) {
      const back = document.createElement("a");
      back.href = message.url;
      back.textContent = message.undo;
      box.append(back);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = this.dataset["close"] ?? "×";
    close.addEventListener("click", () => this.clear());
    box.append(close);
    box.addEventListener("pointerenter", () => window.clearTimeout(this.timer));
    box.addEventListener("pointerleave", () => this.wait());
    box.addEventListener("focusin", () => window.clearTimeout(this.timer));
    this.replaceChildren(box);
    this.wait();
  };

  private wait(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.clear(), SHOWN_MS);
  }

  private clear(): void {
    this.replaceChildren();
  }
}

customElements.define("niva-toast", Toast);
