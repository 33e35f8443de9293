/* <niva-parts data-url data-part="bytes" data-largest="bytes">: sends one large file in parts, and goes on where
 * it broke off when the same file is chosen again.
 *
 * GET data-url?total&name answers {here: bytes that have come}; POST ?offset&total&name takes the next part.
 * Words: data-too-large, data-offline. When all has come the page is loaded anew. */
import { csrf, reasonIn } from "../kit.ts";

const TRIES = 3; // of one part, before the person is told

class Parts extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>('input[type="file"]');
    input?.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) void this.send(file, input);
    });
  }

  private async send(file: File, input: HTMLInputElement): Promise<void> {
    if (file.size > Number(this.dataset["largest"])) return this.say(this.dataset["tooLarge"] ?? "");
    input.disabled = true;
    this.say("");
    try {
      let here = this.begun(file) ? await this.arrived(file) : 0;
      if (here > file.size) here = 0;
      this.remember(file);
      let failures = 0;
      while (here < file.size) {
        this.show(here, file.size);
        const answer = await this.sendPart(file, here).catch(() => null);
        if (answer === null) {
          failures += 1;
          if (failures >= TRIES) return this.say(this.dataset["offline"] ?? "");
          await new Promise((done) => setTimeout(done, 1000 * failures));
          here = await this.arrived(file).catch(() => here);
          continue;
        }
        failures = 0;
        if (answer.error && answer.here === undefined) return this.say(answer.error);
        here = answer.here ?? 0;
      }
      this.show(file.size, file.size);
      localStorage.removeItem(this.key);
      location.reload();
    } catch {
      this.say(this.dataset["offline"] ?? "");
    } finally {
      input.disabled = false;
      input.value = "";
    }
  }

  private async sendPart(file: File, offset: number): Promise<{ here?: number; error?: string }> {
    const query = new URLSearchParams({ offset: String(offset), total: String(file.size), name: file.name });
    const answer = await fetch(`${this.dataset["url"] ?? ""}?${query.toString()}`, {
      method: "POST",
      headers: { "X-CSRFToken": csrf(), "Content-Type": "application/octet-stream", Accept: "application/json" },
      body: file.slice(offset, offset + Number(this.dataset["part"])),
    });
    const body = await answer.text();
    if (answer.ok || answer.status === 409) return JSON.parse(body) as { here: number };
    return { error: reasonIn(body) || (this.dataset["offline"] ?? "") };
  }

  private async arrived(file: File): Promise<number> {
    const query = new URLSearchParams({ total: String(file.size), name: file.name });
    const answer = await fetch(`${this.dataset["url"] ?? ""}?${query.toString()}`, { headers: { Accept: "application/json" } });
    return ((await answer.json()) as { here?: number }).here ?? 0;
  }

  /** What has come belongs to this very file. */
  private begun(file: File): boolean {
    return localStorage.getItem(this.key) === this.print(file);
  }

  private remember(file: File): void {
    localStorage.setItem(this.key, this.print(file));
  }

  private print(file: File): string {
    return `${file.name} ${file.size} ${file.lastModified}`;
  }

  private get key(): string {
    return `niva:parts:${this.dataset["url"] ?? ""}`;
  }

  private show(here: number, whole: number): void {
    const bar = this.querySelector("progress");
    if (!bar) return;
    bar.hidden = false;
    bar.max = whole;
    bar.value = here;
  }

  private say(sentence: string): void {
    const place = this.querySelector("[data-said]");
    if (place) place.textContent = sentence;
  }
}

customElements.define("niva-parts", Parts);
