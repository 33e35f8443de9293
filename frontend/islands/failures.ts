/* When a request of htmx fails, the page says so above its content, never in a toast.
 * The server's own words come first; the rest stand in <template id="failures">. */

function words(key: string): string {
  return document.querySelector<HTMLTemplateElement>("#failures")?.dataset[key] ?? "";
}

/** Shows `text` as a failure at the head of the page; an empty one clears it. */
export function tell(text: string): void {
  const place = document.querySelector("#notes");
  const pattern = document.querySelector<HTMLTemplateElement>("#failures");
  if (!place || !pattern) return;
  place.querySelector("[data-failure]")?.remove();
  if (!text) return;
  const note = pattern.content.cloneNode(true) as DocumentFragment;
  const slot = note.querySelector("[data-text]");
  if (slot) slot.textContent = text;
  place.append(note);
  place.scrollIntoView({ block: "nearest" });
}

interface Swap {
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
  target: Element;
}

/** The desk's own refusal is a notice for the head of the page, whatever part of it had asked. */
function redirectRefusal(event: Event): void {
  const swap = (event as CustomEvent<Swap>).detail;
  const place = document.querySelector("#notes");
  if (swap.xhr.status < 400 || !place || !swap.xhr.responseText.includes("data-failure")) return;
  const answer = new DOMParser().parseFromString(swap.xhr.responseText, "text/html");
  swap.shouldSwap = false;
  tell(answer.querySelector("[data-failure]")?.textContent?.trim() ?? words("other"));
}

export function watchFailures(): void {
  document.addEventListener("htmx:beforeSwap", redirectRefusal);
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<Swap>).detail;
    if (!xhr.responseText.includes("data-failure")) tell(words(`s${xhr.status}`) || words("other"));
  });
  document.addEventListener("htmx:sendError", () => tell(words("offline")));
  document.addEventListener("htmx:timeout", () => tell(words("offline")));
  document.addEventListener("htmx:beforeRequest", () => tell(""));
}
