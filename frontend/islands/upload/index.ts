/* <niva-upload data-url data-field="file" data-max="bytes">: sends files one by one, with progress and the
 * server's own reason when it refuses one.
 *
 * Inside: <label class="drop"> with <input type="file">; <ul data-list> for the lines; <template> with one line
 * (data-name, progress, data-reason, [data-again]). Words: data-too-large, data-offline (with {name}, {max}).
 * With data-reload the page is loaded anew once all that were chosen are in.
 * Emits niva:uploaded {answer, file} (answer: the server's JSON), which bubbles. */
import { csrf, fill, reasonIn } from "../kit.ts";

class Upload extends HTMLElement {
  private queue: Promise<void> = Promise.resolve();

  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>('input[type="file"]');
    const drop = this.querySelector<HTMLElement>(".drop");
    input?.addEventListener("change", () => {
      this.take(input.files);
      input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      drop?.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("here");
      });
    }
    for (const name of ["dragleave", "drop"]) {
      drop?.addEventListener(name, () => drop.classList.remove("here"));
    }
    drop?.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take((event as DragEvent).dataTransfer?.files ?? null);
    });
    document.addEventListener("paste", this.onPaste);
  }

  disconnectedCallback(): void {
    document.removeEventListener("paste", this.onPaste);
  }

  private readonly onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData?.files.length) this.take(event.clipboardData.files);
  };

  private take(files: FileList | null): void {
    for (const file of files ?? []) {
      const line = this.line(file);
      const limit = Number(this.dataset["max"] ?? 0);
      if (limit && file.size > limit) {
        const max = Math.floor(limit / 1_048_576);
        this.refuse(line, file, fill(this.dataset["tooLarge"] ?? "", { name: file.name, max }), false);
        continue;
      }
      this.queue = this.queue.then(() => this.send(file, line));
    }
  }

  private line(file: File): HTMLElement {
    const pattern = this.querySelector<HTMLTemplateElement>("template");
    const line = (pattern?.content.firstElementChild?.cloneNode(true) ?? document.createElement("li")) as HTMLElement;
    const name = line.querySelector("[data-name]");
    if (name) name.textContent = file.name;
    this.querySelector("[data-list]")?.append(line);
    return line;
  }

  private send(file: File, line: HTMLElement): Promise<void> {
    const bar = line.querySelector("progress");
    const form = new FormData();
    form.append(this.dataset["field"] ?? "file", file);
    const request = new XMLHttpRequest();
    request.open("POST", this.dataset["url"] ?? "");
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (bar && event.lengthComputable) {
        bar.max = event.total;
        bar.value = event.loaded;
      }
    });
    return new Promise((done) => {
      request.addEventListener("loadend", () => {
        if (request.status >= 200 && request.status < 300) this.accept(request.responseText, file, line);
        else this.refuse(line, file, reasonIn(request.responseText) || this.offline(file), request.status === 0);
        done();
      });
      request.send(form);
    });
  }

  private offline(file: File): string {
    return fill(this.dataset["offline"] ?? "", { name: file.name });
  }

  private accept(body: string, file: File, line: HTMLElement): void {
    line.remove();
    if (this.dataset["reload"] !== undefined && !this.querySelector("[data-list] > *")) window.location.reload();
    const answer: unknown = body ? JSON.parse(body) : null;
    this.dispatchEvent(new CustomEvent("niva:uploaded", { bubbles: true, detail: { answer, file: file.name } }));
  }

  private refuse(line: HTMLElement, file: File, reason: string, mayRepeat: boolean): void {
    line.querySelector("progress")?.remove();
    const place = line.querySelector<HTMLElement>("[data-reason]");
    if (place) {
      place.textContent = reason;
      place.hidden = false;
      place.setAttribute("role", "alert");
    }
    const again = line.querySelector<HTMLElement>("[data-again]");
    if (again && mayRepeat) {
      again.hidden = false;
      again.addEventListener("click", () => {
        line.remove();
        const fresh = this.line(file);
        this.queue = this.queue.then(() => this.send(file, fresh));
      });
    }
  }
}

customElements.define("niva-upload", Upload);
