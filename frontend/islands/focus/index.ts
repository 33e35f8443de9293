/* <niva-focus>: the point of a picture that must stay in every cut, by a click or by the arrow keys.
 *
 * Inside: [data-pad] (a button over the picture), [data-dot] in it, input[data-point] with "x,y" as shares from the
 * upper left, empty = the desk decides; optional input[data-zoom] and [data-frames] whose children
 * ([data-frame] with img) follow at once. Home or a second click on the dot gives the decision back to the desk. */
const STEP = 0.04;

class Focus extends HTMLElement {
  connectedCallback(): void {
    const pad = this.querySelector<HTMLElement>("[data-pad]");
    pad?.addEventListener("click", (event) => {
      // A click that a key made has no place.
      if (event.detail === 0) return;
      const box = pad.getBoundingClientRect();
      this.set([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    });
    pad?.addEventListener("keydown", (event) => this.onKey(event));
    this.querySelector("[data-reset]")?.addEventListener("click", () => this.set(null));
    this.querySelector("[data-zoom]")?.addEventListener("input", () => this.draw());
    this.querySelector("[data-whole]")?.addEventListener("change", () => this.draw());
    for (const box of this.querySelectorAll<HTMLElement>("[data-ratio]")) box.style.aspectRatio = box.dataset["ratio"] ?? "";
    for (const safe of this.querySelectorAll<HTMLElement>("[data-safe-width]")) {
      safe.style.width = `${Number(safe.dataset["safeWidth"]) * 100}%`;
      safe.style.height = `${Number(safe.dataset["safeHeight"]) * 100}%`;
    }
    window.addEventListener("resize", () => this.draw());
    this.draw();
  }

  private get field(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("[data-point]");
  }

  private get point(): [number, number] | null {
    const [x, y] = (this.field?.value ?? "").split(",").map(Number);
    return x === undefined || y === undefined || Number.isNaN(x + y) ? null : [x, y];
  }

  private onKey(event: KeyboardEvent): void {
    const way: Record<string, [number, number]> = {
      ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
    };
    const by = way[event.key];
    if (event.altKey || (!by && event.key !== "Home")) return;
    event.preventDefault();
    const [x, y] = this.point ?? [0.5, 0.5];
    this.set(by ? [x + by[0], y + by[1]] : null);
  }

  private set(point: [number, number] | null): void {
    const field = this.field;
    if (!field) return;
    const within = point?.map((one) => Math.min(1, Math.max(0, one)).toFixed(3));
    field.value = within ? within.join(",") : "";
    this.draw();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The dot, and the frames beside as the networks would show them. */
  private draw(): void {
    const [x, y] = this.point ?? [0.5, 0.5];
    const dot = this.querySelector<HTMLElement>("[data-dot]");
    if (dot) {
      dot.hidden = !this.point;
      dot.style.left = `${x * 100}%`;
      dot.style.top = `${y * 100}%`;
    }
    const zoom = Number(this.querySelector<HTMLInputElement>("[data-zoom]")?.value ?? 1) || 1;
    const whole = this.querySelector<HTMLInputElement>("[data-whole]")?.checked ?? false;
    for (const image of this.querySelectorAll<HTMLImageElement>("[data-frame] img")) {
      if (whole) Object.assign(image.style, { width: "100%", height: "100%", left: "0", top: "0", objectFit: "contain" });
      else frame(image, x, y, zoom);
    }
  }
}

/** The part around the focus that fills the frame, as `kit/framing.window` cuts it. */
function frame(image: HTMLImageElement, x: number, y: number, zoom: number): void {
  const box = image.parentElement;
  if (!box) return;
  if (!image.naturalWidth) {
    image.addEventListener("load", () => frame(image, x, y, zoom), { once: true });
    return;
  }
  const scale = Math.max(box.clientWidth / image.naturalWidth, box.clientHeight / image.naturalHeight) * zoom;
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  const left = Math.min(0, Math.max(box.clientWidth - width, box.clientWidth / 2 - x * width));
  const top = Math.min(0, Math.max(box.clientHeight - height, box.clientHeight / 2 - y * height));
  Object.assign(image.style, { width: `${width}px`, height: `${height}px`, left: `${left}px`, top: `${top}px`, objectFit: "fill" });
}

customElements.define("niva-focus", Focus);
