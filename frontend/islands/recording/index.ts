/* <niva-recording>: plays places of the recording in it, and lets lines of its transcript be chosen by keys.
 *
 * Inside: one <video> or <audio data-player>; anything with data-play (seconds) and data-until; <ul data-cues>
 * of lines with a checkbox; [data-chosen] says how long the ticked part is. Keys on a line: P plays, arrows go
 * on, Space ticks (the browser's own). */
import { isTyping } from "../kit.ts";

class Recording extends HTMLElement {
  private until = 0;

  connectedCallback(): void {
    this.addEventListener("click", (event) => {
      const place = (event.target as Element).closest<HTMLElement>("[data-play]");
      if (place) this.play(Number(place.dataset["play"]), Number(place.dataset["until"] ?? 0));
    });
    this.addEventListener("keydown", this.onKey);
    this.addEventListener("change", () => this.say());
    this.player?.addEventListener("timeupdate", () => {
      const player = this.player;
      if (player && this.until && player.currentTime >= this.until) {
        this.until = 0;
        player.pause();
      }
    });
  }

  private get player(): HTMLMediaElement | null {
    return this.querySelector<HTMLMediaElement>("[data-player]");
  }

  private play(from: number, until: number): void {
    const player = this.player;
    if (!player || Number.isNaN(from)) return;
    player.currentTime = from;
    this.until = until;
    void player.play();
    player.scrollIntoView({ block: "nearest" });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const line = (event.target as Element).closest<HTMLElement>("[data-cues] > li");
    const box = event.target as HTMLElement;
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isTyping(box) && !box.matches('input[type="checkbox"]')) return;
    if (event.code === "KeyP") this.play(Number(line.dataset["from"]), Number(line.dataset["to"]));
    else if (event.code === "ArrowDown") this.go(line.nextElementSibling);
    else if (event.code === "ArrowUp") this.go(line.previousElementSibling);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private go(line: Element | null): void {
    line?.querySelector<HTMLElement>('input[type="checkbox"], button')?.focus();
  }

  /** The length from the first ticked line to the last. */
  private say(): void {
    const place = this.querySelector("[data-chosen]");
    const lines = [...this.querySelectorAll<HTMLElement>("[data-cues] > li")].filter((line) =>
      line.querySelector<HTMLInputElement>('input[name="cue"]')?.checked,
    );
    if (!place) return;
    const from = Number(lines[0]?.dataset["from"] ?? 0);
    const to = Number(lines.at(-1)?.dataset["to"] ?? 0);
    place.textContent = lines.length ? `${clock(from)}–${clock(to)} · ${clock(to - from)}` : "";
  }
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const pair = (value: number): string => String(value).padStart(2, "0");
  const minutes = `${Math.floor(whole / 60) % 60}`;
  return whole >= 3600
    ? `${Math.floor(whole / 3600)}:${pair(Number(minutes))}:${pair(whole % 60)}`
    : `${minutes}:${pair(whole % 60)}`;
}

customElements.define("niva-recording", Recording);
