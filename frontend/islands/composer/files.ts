/* The files of the post: what was uploaded joins the list; order by dragging, by buttons, by Alt and an arrow. */

export class Files {
  private dragged: HTMLElement | null = null;
  private readonly list: HTMLElement | null;

  constructor(
    root: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.list = root.querySelector<HTMLElement>("[data-files]");
    root.addEventListener("niva:uploaded", this.onUploaded);
    const list = this.list;
    if (!list) return;
    list.addEventListener("click", this.onClick);
    list.addEventListener("keydown", this.onKey);
    list.addEventListener("dragstart", this.onDragStart);
    list.addEventListener("dragover", this.onDragOver);
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", this.onDragEnd);
  }

  private readonly onUploaded = (event: Event): void => {
    const answer = (event as CustomEvent<{ answer: { asset: number; html: string } }>).detail.answer;
    // The same file chosen twice is one file of the post.
    if (this.list?.querySelector(`input[name="media"][value="${answer.asset}"]`)) return;
    this.list?.insertAdjacentHTML("beforeend", answer.html);
    // What came in may hold islands that this page had none of: the loader listens for this.
    document.dispatchEvent(new Event("htmx:load"));
    this.changed();
  };

  private readonly onClick = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null;
    const file = target?.closest<HTMLElement>("[data-file]");
    if (!file) return;
    const step = target?.closest<HTMLElement>("[data-move]");
    if (step) {
      this.move(file, Number(step.dataset["move"]));
      step.focus();
    }
    if (target?.closest("[data-remove]")) this.remove(file);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const file = (event.target as Element).closest<HTMLElement>("[data-file]");
    const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.code];
    if (!file || !step || !event.altKey) return;
    event.preventDefault();
    const focused = event.target as HTMLElement;
    this.move(file, step);
    focused.focus();
  };

  private move(file: HTMLElement, step: number): void {
    const other = step < 0 ? file.previousElementSibling : file.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(file);
    else other.after(file);
    this.changed();
  }

  private remove(file: HTMLElement): void {
    const next = (file.nextElementSibling ?? file.previousElementSibling)?.querySelector<HTMLElement>("[data-remove]");
    file.remove();
    (next ?? document.querySelector<HTMLElement>('niva-upload input[type="file"]'))?.focus();
    this.changed();
  }

  private readonly onDragStart = (event: DragEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    // A text that is being marked inside a field is not the file being dragged.
    if (target?.closest("input")) return;
    this.dragged = target?.closest<HTMLElement>("[data-file]") ?? null;
    this.dragged?.classList.add("dragged");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  };

  private readonly onDragOver = (event: DragEvent): void => {
    const over = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-file]") : null;
    if (!this.dragged || !over) return;
    event.preventDefault();
    if (over === this.dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(this.dragged);
    else over.after(this.dragged);
  };

  private readonly onDragEnd = (): void => {
    if (!this.dragged) return;
    this.dragged.classList.remove("dragged");
    this.dragged = null;
    this.changed();
  };
}
