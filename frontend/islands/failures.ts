/* When a request of htmx fails, say so in the page (never in a toast): the words stand in <template id="failures">. */

function words(key: string): string {
  const holder = document.querySelector<HTMLTemplateElement>("#failures");
  return holder?.dataset[key] ?? "";
}

export function tell(text: string): void {
  const place = document.querySelector("#notes");
  const pattern = document.querySelector<HTMLTemplateElement>("#failures");
  if (!place || !pattern || !text) return;
  const note = pattern.content.cloneNode(true) as DocumentFragment;
  const slot = note.querySelector("[data-text]");
  if (slot) slot.textContent = text;
  place.replaceChildren(note);
  place.scrollIntoView({ block: "nearest" });
}

function reason(xhr: XMLHttpRequest): string {
  const told = xhr.getResponseHeader("X-Reason");
  if (told) return decodeURIComponent(told);
  return words(`s${xhr.status}`) || words("other");
}

export function watchFailures(): void {
  document.addEventListener("htmx:responseError", (event) => {
    tell(reason((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr));
  });
  document.addEventListener("htmx:sendError", () => tell(words("offline")));
  document.addEventListener("htmx:timeout", () => tell(words("offline")));
  document.addEventListener("htmx:beforeRequest", () => document.querySelector("#notes [data-failure]")?.remove());
}
