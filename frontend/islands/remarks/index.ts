/* <niva-remarks data-word data-clear data-point="… {n}">: a remark's place by marking words or a point of a picture.
 *
 * Inside: [data-text] (one text as it is kept; optional data-variant) whose marks hold nothing but its letters;
 * [data-picture="asset"] with data-number and .pin[data-left][data-top] (hundredths) in it; [data-form] with
 * input[data-place] that takes the place as JSON, [data-chip] with [data-quote] and [data-clear].
 * Keyboard: words are marked by Shift and the arrows where the browser lets them be; a picture takes the arrows,
 * Enter begins the remark, Escape takes the point away. A list of places in the form is there without all this. */
import { fill } from "../kit.ts";

const STEP = 0.04;

type Place =
  | { kind: "text"; variant: number | null; start: number; end: number; quote: string }
  | { kind: "media"; asset: number; x: number; y: number };

class Remarks extends HTMLElement {
  private readonly offer = document.createElement("button");
  private offered: Place | null = null;
  private dot: HTMLElement | null = null;

  connectedCallback(): void {
    for (const pin of this.querySelectorAll<HTMLElement>(".pin")) {
      pin.style.left = `${pin.dataset["left"]}%`;
      pin.style.top = `${pin.dataset["top"]}%`;
    }
    this.offer.type = "button";
    this.offer.className = "btn offer";
    this.offer.textContent = this.dataset["word"] ?? "";
    this.offer.hidden = true;
    this.append(this.offer);
    // A press would take the marking away before it is read.
    this.offer.addEventListener("pointerdown", (event) => event.preventDefault());
    this.offer.addEventListener("click", () => this.take());
    document.addEventListener("selectionchange", this.onSelection);
    for (const pad of this.querySelectorAll<HTMLElement>("[data-picture]")) this.listen(pad);
    this.querySelector("[data-clear]")?.addEventListener("click", () => this.put(null));
    this.show(this.kept());
  }

  disconnectedCallback(): void {
    document.removeEventListener("selectionchange", this.onSelection);
  }

  private readonly onSelection = (): void => {
    const selection = document.getSelection();
    const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
    const text = range && !range.collapsed ? this.textAround(range) : null;
    this.offered = range && text ? placeIn(text, range) : null;
    this.offer.hidden = !this.offered;
    if (!range || !this.offered) return;
    const [box, own] = [range.getBoundingClientRect(), this.getBoundingClientRect()];
    this.offer.style.top = `${box.bottom - own.top + 6}px`;
    this.offer.style.left = `${Math.max(0, Math.min(box.left - own.left, own.width - this.offer.offsetWidth))}px`;
  };

  private textAround(range: Range): HTMLElement | null {
    const [first, last] = [range.startContainer, range.endContainer].map((node) =>
      (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-text]"),
    );
    return first && first === last && this.contains(first) ? first : null;
  }

  private take(): void {
    const place = this.offered;
    this.offer.hidden = true;
    document.getSelection()?.removeAllRanges();
    this.put(place);
    this.write();
  }

  private listen(pad: HTMLElement): void {
    pad.addEventListener("click", (event) => {
      if ((event.target as Element).closest(".pin")) return;
      const box = pad.getBoundingClientRect();
      this.point(pad, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      this.write();
    });
    pad.addEventListener("keydown", (event) => {
      const way: Record<string, [number, number]> = {
        ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
      };
      if (event.altKey || event.ctrlKey || event.metaKey || event.target !== pad) return;
      const [by, place] = [way[event.key], this.kept()];
      const here = place?.kind === "media" && String(place.asset) === pad.dataset["picture"] ? place : null;
      if (by) this.point(pad, (here?.x ?? 0.5) + by[0], (here?.y ?? 0.5) + by[1]);
      else if (event.key === "Enter" && here) this.write();
      else if (event.key === "Escape" && here) this.put(null);
      else return;
      event.preventDefault();
    });
  }

  private point(pad: HTMLElement, x: number, y: number): void {
    const [left, top] = [x, y].map((one) => Number(Math.min(1, Math.max(0, one)).toFixed(4))) as [number, number];
    this.put({ kind: "media", asset: Number(pad.dataset["picture"]), x: left, y: top });
  }

  private get field(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("[data-place]");
  }

  private kept(): Place | null {
    try {
      return this.field?.value ? (JSON.parse(this.field.value) as Place) : null;
    } catch {
      return null;
    }
  }

  private put(place: Place | null): void {
    if (this.field) this.field.value = place ? JSON.stringify(place) : "";
    this.show(place);
  }

  /** What the remark will be about, beside its box; the point on its picture. */
  private show(place: Place | null): void {
    const chip = this.querySelector<HTMLElement>("[data-chip]");
    const words = this.querySelector<HTMLElement>("[data-quote]");
    this.dot?.remove();
    this.dot = null;
    if (chip) chip.hidden = !place;
    if (!place) return;
    const pad = place.kind === "media" ? this.querySelector<HTMLElement>(`[data-picture="${place.asset}"]`) : null;
    if (words) {
      words.textContent = place.kind === "text"
        ? `“${place.quote.length > 120 ? `${place.quote.slice(0, 120)}…` : place.quote}”`
        : fill(this.dataset["point"] ?? "", { n: pad?.dataset["number"] ?? "" });
    }
    if (!pad || place.kind !== "media") return;
    this.dot = document.createElement("span");
    this.dot.className = "pin new";
    this.dot.style.left = `${place.x * 100}%`;
    this.dot.style.top = `${place.y * 100}%`;
    pad.append(this.dot);
  }

  private write(): void {
    this.querySelector<HTMLTextAreaElement>("[data-form] textarea")?.focus();
  }
}

/** The marked stretch in characters as the desk counts them: code points, not UTF-16 units. */
function placeIn(text: HTMLElement, range: Range): Place | null {
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const whole = range.toString();
  const quote = whole.trim();
  if (!quote) return null;
  const start = [...before.toString()].length + [...whole].length - [...whole.trimStart()].length;
  const variant = text.dataset["variant"];
  return { kind: "text", variant: variant ? Number(variant) : null, start, end: start + [...quote].length, quote };
}

customElements.define("niva-remarks", Remarks);
