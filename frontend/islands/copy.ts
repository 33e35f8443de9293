/* data-copy-from="id": a button that puts the words of another element into the clipboard, exactly as they stand.
 * Where the browser gives no clipboard (a desk without https), the old way by a selection is taken. */

/** Puts words into the clipboard; false where the browser refuses. */
export async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return bySelection(text);
  }
}

function bySelection(text: string): boolean {
  const box = document.createElement("textarea");
  box.value = text;
  box.readOnly = true;
  box.className = "sr";
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}

async function onClick(event: MouseEvent): Promise<void> {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy-from]");
  const source = button && document.getElementById(button.dataset["copyFrom"] ?? "");
  const word = button?.querySelector<HTMLElement>("[data-word]");
  if (!button || !source || !word) return;
  const usual = word.dataset["usual"] ?? word.textContent ?? "";
  word.dataset["usual"] = usual;
  const done = await put(source.textContent ?? "");
  word.textContent = (done ? button.dataset["done"] : button.dataset["failed"]) ?? usual;
  setTimeout(() => (word.textContent = usual), 2500);
}

export function startCopying(): void {
  document.addEventListener("click", (event) => void onClick(event));
}
