/* <niva-composer data-url data-version data-key>: saves the form inside by itself, shows where the surplus begins,
 * keeps the text when the network is gone.
 *
 * 400 ms after the last key the form goes to data-url (POST, with `version`). The answer is JSON:
 *   {"version": 5, "saved": "9:41", "over": {"<textarea name>": 300}, "html": {"#limits": "…"}, "reload": false}
 * `over` is where the surplus begins, in UTF-16 units of the text (absent: it fits); `html` are fragments to put
 * in; `reload`: the page has other parts now, and `at` is the panel to open on it. 409 means another person saved first: {"error": "…", "html": {...}};
 * nothing is overwritten, saving stops until the person decides with [data-take="mine|theirs"]. 422 carries the
 * fragments with the errors of the fields.
 *
 * A button with data-action="x" saves with do=x. The status line is [data-status]; its words: data-saving,
 * data-saved ("saved {time}"), data-unsaved, data-offline, data-kept ("brought back what was not saved"). While
 * unsaved the form is kept in sessionStorage under data-key; when the post has moved on meanwhile,
 * [data-kept-offer] is shown and its [data-restore] button brings the text back. A textarea with a marking stands
 * in .backed beside .backing. Emits niva:saved. Tabs, files, the poll and texts of one's own: see beside. */
import htmx from "htmx.org";
import { csrf, fill, reasonIn } from "../kit.ts";
import { mark, watchScroll } from "./backing.ts";
import { startChains } from "./chain.ts";
import { Files } from "./files.ts";
import { startHour } from "./hour.ts";
import { startMirrors } from "./mirrors.ts";
import { startPoll } from "./poll.ts";
import { startTabs, startViews } from "./tabs.ts";

const QUIET_MS = 400;
const AGAIN_MS = 5000;

interface Answer {
  version?: number;
  saved?: string;
  over?: Record<string, number>;
  html?: Record<string, string>;
  reload?: boolean;
  at?: string;
}

class Composer extends HTMLElement {
  private timer = 0;
  private running = false;
  private stale = false;
  private stopped = false;
  private version = "";
  private wanted = "save";
  private then: (() => void) | null = null;
  private readonly shown = new Map<string, string>();

  connectedCallback(): void {
    this.version = this.dataset["version"] ?? "";
    this.restore();
    for (const area of this.areas()) {
      watchScroll(area);
      mark(area, area.dataset["over"] ? Number(area.dataset["over"]) : null);
    }
    startTabs(this);
    startViews(this);
    startMirrors(this);
    startPoll(this, () => this.changed());
    startHour(this);
    startChains(this, (what) => this.act(what));
    new Files(this, () => this.changed());
    this.addEventListener("input", this.onInput);
    this.addEventListener("change", this.onInput);
    this.addEventListener("click", this.onClick);
    this.form?.addEventListener("submit", this.onSubmit);
    window.addEventListener("online", this.onOnline);
    window.addEventListener("pagehide", this.onLeave);
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.timer);
    window.removeEventListener("online", this.onOnline);
    window.removeEventListener("pagehide", this.onLeave);
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private get store(): string {
    return `niva-composer-${this.dataset["key"] ?? this.dataset["url"] ?? ""}`;
  }

  private areas(): NodeListOf<HTMLTextAreaElement> {
    return this.querySelectorAll<HTMLTextAreaElement>(".backed textarea");
  }

  private readonly onInput = (event: Event): void => {
    const field = event.target;
    // What is no field of the form (a fold of a preview, the chooser of files) is nothing to save.
    if (!(field instanceof HTMLElement) || !("form" in field) || field.form !== this.form) return;
    if (!field.hasAttribute("name")) return;
    // A new text makes the old marking wrong at once; the server tells the new one.
    if (field instanceof HTMLTextAreaElement && field.closest(".backed")) mark(field, null);
    this.changed();
    if (field.getAttribute("name") === "link_url" && event.type === "change") this.act("link");
  };

  private readonly onClick = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null;
    const action = target?.closest<HTMLElement>("[data-action]");
    if (action) {
      event.preventDefault();
      return this.act(action.dataset["action"] ?? "save");
    }
    const take = target?.closest<HTMLElement>("[data-take]");
    if (take) return this.decide(take, event);
    const copy = target?.closest("[data-copy]")?.parentElement?.querySelector("pre");
    if (copy) void navigator.clipboard?.writeText(copy.textContent ?? "");
  };

  /** Two people wrote: one's own text goes on top of theirs, or theirs is loaded and one's own given up. */
  private decide(button: HTMLElement, event: Event): void {
    if (button.dataset["take"] === "mine") {
      event.preventDefault();
      this.version = button.dataset["version"] ?? this.version;
      this.stopped = false;
      document.querySelector("#conflict")?.replaceChildren();
      this.plan(0);
    } else {
      this.stopped = true;
      this.stale = false;
      sessionStorage.removeItem(this.store);
    }
  }

  private act(what: string): void {
    this.wanted = what;
    this.plan(0);
  }

  private changed(): void {
    this.keep();
    this.plan(QUIET_MS);
  }

  private readonly onSubmit = (event: SubmitEvent): void => {
    window.clearTimeout(this.timer);
    if (this.running) {
      // The save under way brings a new version: with the old one we would be in conflict with ourselves.
      event.preventDefault();
      const button = event.submitter;
      this.then = () => this.form?.requestSubmit(button instanceof HTMLElement ? button : null);
      return;
    }
    this.stopped = true;
    this.keep();
    const field = this.form?.querySelector<HTMLInputElement>('input[name="version"]');
    if (field) field.value = this.version;
  };

  private readonly onOnline = (): void => {
    if (this.stale) this.plan(0);
  };

  private readonly onLeave = (): void => {
    if (!this.stale || this.stopped || !this.form) return;
    const body = this.body();
    body.set("csrfmiddlewaretoken", csrf());
    navigator.sendBeacon(this.dataset["url"] ?? "", body);
  };

  private plan(wait: number): void {
    this.stale = true;
    window.clearTimeout(this.timer);
    if (!this.stopped) this.timer = window.setTimeout(() => void this.save(), wait);
  }

  private body(): URLSearchParams {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form ?? undefined)) {
      if (typeof value === "string") body.append(name, value);
    }
    body.set("version", this.version);
    return body;
  }

  private async save(): Promise<void> {
    if (this.running || !this.form) return;
    this.running = true;
    this.stale = false;
    this.say(this.dataset["saving"] ?? "");
    const body = this.body();
    if (this.wanted !== "save") body.set("do", this.wanted);
    this.wanted = "save";
    try {
      const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
      const answer = await fetch(this.dataset["url"] ?? "", { method: "POST", headers, body });
      this.take(answer.status, await answer.text());
    } catch {
      this.then = null;
      this.say(this.dataset["offline"] ?? "", true);
      this.plan(AGAIN_MS);
    } finally {
      this.running = false;
      const then = this.then;
      this.then = null;
      if (then && !this.stopped) return then();
      // Typed while the request was under way: one more round, never two at once.
      if (this.stale && !this.stopped && navigator.onLine) this.plan(this.wanted === "save" ? QUIET_MS : 0);
    }
  }

  private take(status: number, text: string): void {
    const answer = (text.startsWith("{") ? JSON.parse(text) : {}) as Answer;
    if (status >= 200 && status < 300) {
      if (answer.version !== undefined) this.version = String(answer.version);
      if (!this.stale) sessionStorage.removeItem(this.store);
      this.say(fill(this.dataset["saved"] ?? "", { time: answer.saved ?? "" }));
      for (const area of this.areas()) if (!this.stale) mark(area, answer.over?.[area.name] ?? null);
      this.dispatchEvent(new CustomEvent("niva:saved", { bubbles: true, detail: answer }));
    } else {
      this.stopped = status === 409;
      const field = answer.html ? (this.dataset["unsaved"] ?? "") : (this.dataset["offline"] ?? "");
      this.say((status === 409 ? "" : field) || reasonIn(text) || field, true);
    }
    this.put(answer.html ?? {});
    if (status === 409) document.querySelector("#conflict")?.scrollIntoView({ block: "start" });
    if (answer.reload && !this.stale) {
      if (answer.at) window.history.replaceState(null, "", answer.at);
      window.location.reload();
    }
  }

  /** Fragments that say the same as before are left alone, so that nothing is read aloud twice. */
  private put(html: Record<string, string>): void {
    for (const [selector, fragment] of Object.entries(html)) {
      const place = document.querySelector(selector);
      if (!place || this.shown.get(selector) === fragment) continue;
      this.shown.set(selector, fragment);
      htmx.swap(place, fragment, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
    }
  }

  private say(words: string, bad = false): void {
    for (const place of document.querySelectorAll<HTMLElement>("[data-status]")) {
      place.textContent = words;
      place.classList.toggle("bad", bad);
    }
  }

  /** What is typed and not yet saved outlives the page being closed by mistake. */
  private keep(): void {
    try {
      sessionStorage.setItem(this.store, JSON.stringify([this.version, [...this.body()]]));
    } catch {
      // The browser forbids or has no room: saving goes on, only the spare copy is missing.
    }
  }

  private restore(): void {
    const kept = sessionStorage.getItem(this.store);
    if (!kept || !this.form) return;
    const [version, fields] = JSON.parse(kept) as [string, [string, string][]];
    const differing = fields.filter(([name, value]) => this.typed(name) && this.typed(name)?.value !== value);
    if (differing.length === 0) return sessionStorage.removeItem(this.store);
    if (version === this.version) return this.bringBack(differing);
    const offer = document.querySelector<HTMLElement>("[data-kept-offer]");
    if (!offer) return;
    offer.hidden = false;
    offer.querySelector("[data-restore]")?.addEventListener("click", () => {
      offer.hidden = true;
      this.bringBack(differing);
    });
  }

  /** The field of that name, if it is one that is typed into. */
  private typed(name: string): HTMLTextAreaElement | HTMLInputElement | null {
    const field = this.form?.elements.namedItem(name);
    if (field instanceof HTMLTextAreaElement) return field;
    return field instanceof HTMLInputElement && /^(text|url|search|date|time)$/.test(field.type) ? field : null;
  }

  private bringBack(fields: [string, string][]): void {
    for (const [name, value] of fields) {
      const field = this.typed(name);
      if (!field) continue;
      field.value = value;
      // A text that came back is one of its own: without the tick the common one would replace it.
      const own = this.querySelector<HTMLInputElement>(`[data-own="${name}"]`);
      const common = this.typed(field.dataset["mirrors"] ?? "");
      if (own && common && common.value !== value) own.checked = true;
    }
    this.say(this.dataset["kept"] ?? "");
    this.plan(QUIET_MS);
  }
}

customElements.define("niva-composer", Composer);
