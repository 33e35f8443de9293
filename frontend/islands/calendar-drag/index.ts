/* <niva-calendar-drag data-url="…">: drags an .ev[data-move="id"] from one [data-date] cell to another (hours have
 * data-time too). With a mouse at once, with a finger after a long press. The server is asked; when it refuses,
 * the event goes back and its reason is told. The keyboard's way is the dialog behind each event.
 *
 * Sends POST data-url: id, date (YYYY-MM-DD), time (HH:MM, when the cell has one; keep_minutes asks to keep the
 * minutes within the same hour). Answer 2xx: the event stays; a body of HTML replaces data-target, or the event
 * where there is none. data-failed: words for when there is no connection.
 * An .ev[data-stays] and a cell with data-closed say why they take no part.
 *
 * Arrows go over the cells: data-across of them to the side, data-down of them up and down. data-period names what
 * is shown: a phone opens at today once for each. */
import htmx from "htmx.org";
import { tell } from "../failures.ts";
import { csrf, isTyping, reasonIn } from "../kit.ts";

const LONG_PRESS_MS = 350;
const SLIP_PX = 6;
// Which period was brought to today already; a move draws the same one anew and must not scroll.
let opened = "";

interface Drag {
  event: HTMLElement;
  from: HTMLElement;
  before: ChildNode | null;
  ghost: HTMLElement | null;
  startX: number;
  startY: number;
  aim: HTMLElement | null;
}

class CalendarDrag extends HTMLElement {
  private drag: Drag | null = null;
  private press = 0;

  connectedCallback(): void {
    this.addEventListener("pointerdown", this.onDown);
    this.addEventListener("pointermove", this.onMove);
    this.addEventListener("pointerup", this.onUp);
    this.addEventListener("pointercancel", this.abandon);
    this.addEventListener("dragstart", (event) => event.preventDefault());
    this.addEventListener("click", this.onClick, true);
    // A finger that drags must not scroll the page; a passive listener could not forbid it.
    this.addEventListener("touchmove", (event) => this.drag?.ghost && event.preventDefault(), { passive: false });
    this.addEventListener("contextmenu", (event) => this.drag?.ghost && event.preventDefault());
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("click", this.onDismiss);
    this.openAtToday();
  }

  /** On a phone the month is a list: it opens where today is, not at the first. */
  private openAtToday(): void {
    const again = opened !== "" && opened === this.dataset["period"];
    opened = this.dataset["period"] ?? "";
    if (again || !window.matchMedia("(max-width: 720px)").matches || location.hash) return;
    const today = this.querySelector<HTMLElement>(".today");
    if (today && today.getBoundingClientRect().top > window.innerHeight / 2) today.scrollIntoView();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("click", this.onDismiss);
    this.abandon();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.code === "Escape") this.abandon();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (!plain || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (this.walk(event)) event.preventDefault();
  };

  /** Arrows move between days; sideways they also enter the calendar, at today. Enter goes into the day. */
  private walk(event: KeyboardEvent): boolean {
    const across = Number(this.dataset["across"] ?? 0);
    const down = Number(this.dataset["down"] ?? 0);
    const steps = { ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down };
    const here = (event.target as Element).closest<HTMLElement>("[data-date]");
    const inside = here !== null && this.contains(here);
    if (event.code === "Enter" && inside && event.target === here) return this.enter(here);
    const step = steps[event.code as keyof typeof steps];
    const sideways = event.code === "ArrowLeft" || event.code === "ArrowRight";
    if (!step || (!inside && (!sideways || event.target !== document.body))) return false;
    const cells = [...this.querySelectorAll<HTMLElement>("[data-date]")].filter((one) => one.offsetParent !== null);
    const today = this.querySelector<HTMLElement>(".today[data-date], .today [data-date]") ?? cells[0];
    const next = inside ? cells[cells.indexOf(here) + step] : today;
    if (next) next.focus();
    else document.querySelector<HTMLElement>(`[data-step="${Math.sign(step)}"]`)?.click();
    return true;
  }

  private enter(cell: HTMLElement): boolean {
    const link = cell.querySelector<HTMLElement>("a[href]");
    link?.focus();
    return link !== null;
  }

  private readonly onDown = (event: PointerEvent): void => {
    const target = (event.target as Element).closest<HTMLElement>(".ev:is([data-move], [data-stays])");
    const from = target?.closest<HTMLElement>("[data-date]");
    if (!target || !from || event.button !== 0 || this.drag) return;
    this.drag = {
      event: target,
      from,
      before: target.nextSibling,
      ghost: null,
      startX: event.clientX,
      startY: event.clientY,
      aim: null,
    };
    if (event.pointerType !== "mouse" && target.dataset["move"]) {
      this.press = window.setTimeout(() => this.lift(event.pointerId), LONG_PRESS_MS);
    }
  };

  private readonly onMove = (event: PointerEvent): void => {
    const drag = this.drag;
    if (!drag) return;
    const slipped = Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > SLIP_PX;
    if (!drag.ghost) {
      if (!slipped) return;
      if (event.pointerType !== "mouse") return this.abandon();
      if (!drag.event.dataset["move"]) return this.stand(drag);
      this.lift(event.pointerId);
    }
    this.place(event.clientX, event.clientY);
  };

  /** What cannot be moved says why instead of following the pointer. */
  private stand(drag: Drag): void {
    this.abandon();
    this.forbidClick();
    tell(drag.event.dataset["stays"] ?? "");
  }

  private lift(pointer: number): void {
    const drag = this.drag;
    if (!drag) return;
    const box = drag.event.getBoundingClientRect();
    const ghost = drag.event.cloneNode(true) as HTMLElement;
    ghost.classList.add("ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.style.width = `${box.width}px`;
    document.body.append(ghost);
    drag.ghost = ghost;
    drag.event.classList.add("held");
    this.setPointerCapture(pointer);
    navigator.vibrate?.(15);
    this.place(drag.startX, drag.startY);
  }

  private place(x: number, y: number): void {
    const drag = this.drag;
    if (!drag?.ghost) return;
    drag.ghost.style.left = `${x + 8}px`;
    drag.ghost.style.top = `${y + 8}px`;
    const below = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-date]") ?? null;
    const cell = below && this.contains(below) ? below : null;
    if (cell !== drag.aim) {
      drag.aim?.classList.remove("aim");
      if (!cell?.hasAttribute("data-closed")) cell?.classList.add("aim");
      drag.aim = cell;
    }
  }

  private readonly onUp = (): void => {
    const drag = this.drag;
    if (!drag?.ghost) return this.abandon();
    const to = drag.aim;
    this.settle();
    this.forbidClick();
    if (!to || to === drag.from) return;
    const closed = to.dataset["closed"];
    if (closed) tell(closed);
    else void this.move(drag, to);
  };

  /** The click that follows a drag must not open the post. */
  private forbidClick(): void {
    this.dataset["dragged"] = "1";
    window.setTimeout(() => delete this.dataset["dragged"], 0);
  }

  private readonly onClick = (event: MouseEvent): void => {
    if (!this.dataset["dragged"]) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Closes the line that offers to put a move back. */
  private readonly onDismiss = (event: MouseEvent): void => {
    (event.target as Element).closest("[data-dismiss]")?.closest("[data-undo]")?.remove();
  };

  private settle(): void {
    window.clearTimeout(this.press);
    this.drag?.ghost?.remove();
    this.drag?.event.classList.remove("held");
    this.drag?.aim?.classList.remove("aim");
    this.drag = null;
  }

  private readonly abandon = (): void => this.settle();

  private async move(drag: Drag, to: HTMLElement): Promise<void> {
    const body = new URLSearchParams({ id: drag.event.dataset["move"] ?? "", date: to.dataset["date"] ?? "" });
    if (to.dataset["time"]) {
      body.set("time", to.dataset["time"]);
      body.set("keep_minutes", "1");
    }
    to.append(drag.event);
    drag.event.setAttribute("aria-busy", "true");
    tell("");
    let reason = this.dataset["failed"] ?? "";
    try {
      const headers = { "X-CSRFToken": csrf(), Accept: "application/json, text/html" };
      const answer = await fetch(this.dataset["url"] ?? "", { method: "POST", headers, body });
      const said = await answer.text();
      if (answer.ok) return this.stay(drag.event, answer, said);
      reason = reasonIn(said) || reason;
    } catch {
      // No connection: the words of the page say so, the event goes back.
    }
    drag.event.removeAttribute("aria-busy");
    drag.from.insertBefore(drag.event, drag.before?.parentNode === drag.from ? drag.before : null);
    tell(reason);
  }

  private stay(event: HTMLElement, answer: Response, said: string): void {
    event.removeAttribute("aria-busy");
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
    const target = this.dataset["target"] ?? event;
    if (isPage && said.trim()) htmx.swap(target, said, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    this.dispatchEvent(new CustomEvent("niva:moved", { bubbles: true }));
  }
}

customElements.define("niva-calendar-drag", CalendarDrag);
