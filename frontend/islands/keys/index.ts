/* <niva-keys>: the keyboard of the desk. Keys are read by their place (event.code), so that they work in any
 * layout. The island is absent when the person has switched letters off.
 *
 * Addresses come from the JSON script inside; what a key presses is found in the page by data-key:
 * data-key="search|new|today|primary|more|prev-day|next-day". */
import { isTyping } from "../kit.ts";

type Places = Partial<Record<"today" | "plan" | "posts" | "clients" | "new", string>>;

const LINES = ".todo, [data-line]";
const GO_WAIT_MS = 1200;

class Keys extends HTMLElement {
  private places: Places = {};
  private goUntil = 0;

  connectedCallback(): void {
    this.places = JSON.parse(this.querySelector('script[type="application/json"]')?.textContent ?? "{}") as Places;
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const acted = this.withModifier(event) || (this.lettersAllowed(event) && this.letter(event));
    if (acted) event.preventDefault();
  };

  private lettersAllowed(event: KeyboardEvent): boolean {
    const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey;
    return plainKey && !isTyping(event.target) && !document.querySelector("dialog[open]");
  }

  private withModifier(event: KeyboardEvent): boolean {
    if ((event.ctrlKey || event.metaKey) && event.code === "Enter") return this.press('[data-key="primary"], .btn.go');
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (event.altKey && digit) {
      const tab = document.querySelectorAll<HTMLElement>(".tabs > *")[Number(digit[1]) - 1];
      tab?.click();
      return Boolean(tab);
    }
    return false;
  }

  private letter(event: KeyboardEvent): boolean {
    if (performance.now() < this.goUntil) {
      this.goUntil = 0;
      const to = { KeyS: "today", KeyP: "plan", KeyR: "posts", KeyZ: "clients" }[event.code];
      return Boolean(to) && this.go(this.places[to as keyof Places]);
    }
    switch (event.code) {
      case "KeyG":
        this.goUntil = performance.now() + GO_WAIT_MS;
        return true;
      case "KeyN":
        return this.press('[data-key="new"]') || this.go(this.places.new);
      case "KeyJ":
        return this.move(1);
      case "KeyK":
        return this.move(-1);
      case "KeyE":
        return this.inLine("[data-open-line], a[href]");
      case "Enter":
        return event.target === this.line() && this.inLine(".btn");
      case "Period":
        return this.inLine("details > summary, [data-more]");
      case "KeyT":
        return this.press('[data-key="today"]');
      case "ArrowLeft":
        return this.press('[data-key="prev-day"]');
      case "ArrowRight":
        return this.press('[data-key="next-day"]');
      case "Slash":
        return event.shiftKey ? this.help() : this.search();
      default:
        return event.key === "?" && this.help();
    }
  }

  private go(url: string | undefined): boolean {
    if (url) location.assign(url);
    return Boolean(url);
  }

  private press(selector: string): boolean {
    const target = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.offsetParent !== null);
    target?.click();
    return Boolean(target);
  }

  private search(): boolean {
    const field = document.querySelector<HTMLElement>('[data-key="search"], input[type="search"]');
    if (field instanceof HTMLInputElement) field.focus();
    else field?.click();
    return Boolean(field);
  }

  private help(): boolean {
    this.querySelector("dialog")?.showModal();
    return true;
  }

  private line(): HTMLElement | null {
    return document.querySelector<HTMLElement>(".at");
  }

  private move(step: number): boolean {
    const lines = [...document.querySelectorAll<HTMLElement>(LINES)];
    if (lines.length === 0) return false;
    const now = this.line();
    const next = now ? lines.indexOf(now) + step : step > 0 ? 0 : lines.length - 1;
    const line = lines[Math.min(Math.max(next, 0), lines.length - 1)];
    now?.classList.remove("at");
    line?.classList.add("at");
    line?.setAttribute("tabindex", "-1");
    line?.focus();
    return true;
  }

  private inLine(selector: string): boolean {
    const target = this.line()?.querySelector<HTMLElement>(selector);
    target?.click();
    return Boolean(target);
  }
}

customElements.define("niva-keys", Keys);
