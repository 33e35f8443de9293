/* <niva-board data-move="…/" data-query="…" data-refresh="…">: drags a .kard[data-id] from one .stage[data-to] to
 * another with a mouse; fingers and keys have the dialog behind each card.
 *
 * The card goes over at once and the server is asked: POST data-move + id + "/?" + data-query with to and seen. An
 * answer of HTML replaces #board. When it refuses, the card goes back and the reason is told; when the refusal names
 * a form ({ask: address}), that opens, because a reason has to be written. When somebody else was first (409), the
 * board is fetched anew, so that it is seen where the card stands. On a phone the board opens at the jam. */
import htmx from "htmx.org";
import { tell } from "../failures.ts";
import { csrf, reasonIn } from "../kit.ts";

// Where the board was scrolled to; a move draws it anew and must not throw the reader back to its beginning.
let place = -1;

interface Held {
  card: HTMLElement;
  from: HTMLElement;
  before: ChildNode | null;
}

class Board extends HTMLElement {
  private held: Held | null = null;

  connectedCallback(): void {
    this.addEventListener("dragstart", this.onLift);
    this.addEventListener("dragover", this.onOver);
    this.addEventListener("dragend", this.settle);
    this.addEventListener("drop", this.onDrop);
    this.addEventListener("scroll", () => (place = this.scrollLeft), { passive: true });
    this.openAtJam();
  }

  private openAtJam(): void {
    const jam = this.querySelector<HTMLElement>("[data-jam]");
    if (place >= 0) this.scrollLeft = place;
    else if (jam && window.matchMedia("(max-width: 720px)").matches) {
      this.scrollLeft = jam.offsetLeft - this.offsetLeft - 8;
    }
  }

  private readonly onLift = (event: DragEvent): void => {
    const card = (event.target as Element).closest<HTMLElement>(".kard[data-id]");
    const from = card?.parentElement;
    if (!card || !from) return;
    this.held = { card, from, before: card.nextSibling };
    event.dataTransfer?.setData("text/plain", card.dataset["id"] ?? "");
    card.classList.add("held");
  };

  private stageAt(event: DragEvent): HTMLElement | null {
    return (event.target as Element).closest<HTMLElement>(".stage[data-to]");
  }

  private readonly onOver = (event: DragEvent): void => {
    const stage = this.stageAt(event);
    if (!this.held || !stage) return;
    event.preventDefault();
    for (const one of this.querySelectorAll(".aim")) if (one !== stage) one.classList.remove("aim");
    if (!stage.contains(this.held.from)) stage.classList.add("aim");
  };

  private readonly settle = (): void => {
    this.held?.card.classList.remove("held");
    for (const one of this.querySelectorAll(".aim")) one.classList.remove("aim");
    this.held = null;
  };

  private readonly onDrop = (event: DragEvent): void => {
    const held = this.held;
    const stage = this.stageAt(event);
    this.settle();
    if (!held || !stage || stage.contains(held.from)) return;
    event.preventDefault();
    const closed = stage.dataset["closed"];
    if (closed) tell(closed);
    else void this.move(held, stage);
  };

  private async move(held: Held, stage: HTMLElement): Promise<void> {
    const { card } = held;
    stage.querySelector(".kards")?.prepend(card);
    card.setAttribute("aria-busy", "true");
    tell("");
    let reason = this.dataset["failed"] ?? "";
    try {
      const body = new URLSearchParams({ to: stage.dataset["to"] ?? "", seen: card.dataset["seen"] ?? "" });
      const headers = { "X-CSRFToken": csrf(), Accept: "application/json, text/html" };
      const url = `${this.dataset["move"]}${card.dataset["id"]}/?${this.dataset["query"]}`;
      const answer = await fetch(url, { method: "POST", headers, body });
      const said = await answer.text();
      if (answer.ok) return htmx.swap("#board", said, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
      reason = reasonIn(said) || reason;
      const ask = answer.status === 422 ? this.formIn(said) : "";
      if (ask) void htmx.ajax("get", ask, "#dialog");
      if (answer.status === 409) await htmx.ajax("get", this.dataset["refresh"] ?? "", { target: "#board", swap: "outerHTML" });
    } catch {
      // No connection: the words of the page say so, the card goes back.
    }
    card.removeAttribute("aria-busy");
    held.from.insertBefore(card, held.before?.parentNode === held.from ? held.before : null);
    tell(reason);
  }

  private formIn(said: string): string {
    try {
      return (JSON.parse(said) as { ask?: string }).ask ?? "";
    } catch {
      return "";
    }
  }
}

customElements.define("niva-board", Board);
