/* <niva-chart data-label="the finding" data-table="As a table" data-hide="As a chart" data-failed="…">: draws the
 * Vega-Lite specification of the JSON script inside (or of data-url) into [data-chart].
 *
 * No eval: expressions run in Vega's interpreter. Colours come from the page's CSS, so a chart is drawn again when
 * the theme or the width changes; usermeta.narrow is drawn instead where there is no room beside the lines. The
 * table twin comes from usermeta.table. Taken away as a picture (data-picture; data-source says whose numbers they
 * are), as a table (data-csv) and as an address (data-link) that opens the page as it is; data-here is a query
 * string that fixes what the page's own address leaves to the day. */
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { locale } from "./locale.ts";
import { put } from "../copy.ts";
import { toast } from "../kit.ts";
import { give, picture } from "./picture.ts";
import { csv, table, type TableData } from "./table.ts";
import { look, theme } from "./theme.ts";

const REDRAW_MS = 120;
const NARROW = 500; // px; under it names stand above their lines

class Chart extends HTMLElement {
  private spec: Record<string, unknown> | null = null;
  private view: vega.View | null = null;
  private width = 0;
  private timer = 0;
  private readonly watcher = new ResizeObserver(() => this.later());
  private readonly dark = window.matchMedia("(prefers-color-scheme: dark)");

  connectedCallback(): void {
    void this.start();
  }

  disconnectedCallback(): void {
    this.watcher.disconnect();
    this.dark.removeEventListener("change", this.redraw);
    document.removeEventListener("niva:theme", this.redraw);
    this.view?.finalize();
  }

  private async start(): Promise<void> {
    try {
      this.spec = await this.read();
      await document.fonts.ready;
      await this.draw();
    } catch (error) {
      console.error(error);
      return this.fail();
    }
    this.addTools();
    if (this.frame) this.watcher.observe(this.frame);
    this.dark.addEventListener("change", this.redraw);
    document.addEventListener("niva:theme", this.redraw);
  }

  private async read(): Promise<Record<string, unknown>> {
    const inside = this.querySelector('script[type="application/json"]')?.textContent;
    if (inside) return JSON.parse(inside) as Record<string, unknown>;
    const answer = await fetch(this.dataset["url"] ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`chart: ${answer.status}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  private get frame(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[data-chart]");
  }

  private readonly redraw = (): void => void this.draw();

  private later(): void {
    if (!this.frame || this.frame.clientWidth === this.width || this.frame.hidden) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(this.redraw, REDRAW_MS);
  }

  private async draw(): Promise<void> {
    const frame = this.frame;
    if (!frame || !this.spec || frame.clientWidth === 0) return;
    this.width = frame.clientWidth;
    const meta = this.spec["usermeta"] as { narrow?: Record<string, unknown> } | undefined;
    const spec = this.width < NARROW && meta?.narrow ? meta.narrow : this.spec;
    const wanted = { ...spec, width: this.width, autosize: { type: "fit-x", contains: "padding" } };
    const config = { ...theme(this.width), locale: locale(document.documentElement.lang || "en") };
    const lite = compile(wanted as unknown as TopLevelSpec, { config: config as never });
    const parsed = vega.parse(lite.spec as vega.Spec, undefined, { ast: true });
    const fresh = new vega.View(parsed, {
      expr: expressionInterpreter as never,
      renderer: "svg",
      logLevel: vega.Error,
    } as never);
    this.view?.finalize();
    this.view = fresh;
    frame.replaceChildren();
    fresh.initialize(frame);
    await fresh.runAsync();
    const drawn = frame.querySelector("svg");
    // Vega calls the frame "Vega visualization" in English; the picture has a name of its own.
    for (const name of ["role", "aria-roledescription", "aria-label"]) frame.removeAttribute(name);
    drawn?.setAttribute("role", "img");
    drawn?.setAttribute("aria-label", this.dataset["label"] ?? "");
  }

  private get data(): TableData | undefined {
    return (this.spec?.["usermeta"] as { table?: TableData } | undefined)?.table;
  }

  /** The row of ways to take it away. */
  private addTools(): void {
    if (this.querySelector("[data-tools]")) return;
    const row = document.createElement("div");
    row.className = "row wrap chart-tools";
    row.dataset["tools"] = "";
    const data = this.data;
    if (data && this.dataset["table"]) {
      const twin = table(data, this.dataset["label"] ?? "");
      twin.hidden = true;
      this.append(twin);
      const button = this.button(row, "table", () => this.toggle(button, twin));
      button.setAttribute("aria-expanded", "false");
    }
    if (data && this.dataset["csv"]) this.button(row, "csv", () => give(csv(data), `${this.file}.csv`));
    if (this.dataset["picture"]) this.button(row, "picture", () => void this.draught());
    if (this.dataset["link"]) this.button(row, "link", () => void this.address());
    this.append(row);
  }

  /** A button whose word is data-<name>. */
  private button(row: HTMLElement, name: string, press: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn text small";
    button.textContent = this.dataset[name] ?? "";
    button.addEventListener("click", press);
    row.append(button);
    return button;
  }

  private get file(): string {
    return this.id || "chart";
  }

  private async draught(): Promise<void> {
    if (!this.view) return;
    const words = {
      title: this.dataset["label"] ?? "",
      under: this.querySelector("[data-under]")?.textContent?.trim() ?? "",
      source: this.dataset["source"] ?? "",
    };
    const png = await picture(this.view, words, look());
    if (png) give(png, `${this.file}.png`);
  }

  private async address(): Promise<void> {
    const here = new URL(location.href);
    if (this.dataset["here"] !== undefined) here.search = this.dataset["here"];
    here.hash = this.id;
    const done = await put(here.href);
    toast((done ? this.dataset["linked"] : this.dataset["unlinked"]) ?? "");
  }

  private toggle(button: HTMLElement, twin: HTMLElement): void {
    twin.hidden = !twin.hidden;
    if (this.frame) this.frame.hidden = !twin.hidden;
    button.setAttribute("aria-expanded", String(!twin.hidden));
    button.textContent = (twin.hidden ? this.dataset["table"] : this.dataset["hide"]) ?? "";
    this.later();
  }

  private fail(): void {
    const words = document.createElement("p");
    words.className = "mute";
    words.textContent = this.dataset["failed"] ?? "";
    this.frame?.replaceChildren(words);
    const data = this.data;
    if (data) this.append(table(data, this.dataset["label"] ?? ""));
  }
}

customElements.define("niva-chart", Chart);
