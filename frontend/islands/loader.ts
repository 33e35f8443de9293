/* Loads islands/<name>/index.ts the first time a <niva-name> stands in the page; each defines its own element. */
const modules = import.meta.glob("./*/index.ts");

const loaders = new Map(
  Object.entries(modules).map(([path, load]) => [`niva-${path.split("/")[1] ?? ""}`, load] as const),
);

function load(root: ParentNode): void {
  for (const [tag, run] of loaders) {
    if (customElements.get(tag) || !root.querySelector(tag)) continue;
    loaders.delete(tag);
    void run();
  }
}

export function startIslands(): void {
  load(document);
  document.addEventListener("htmx:load", () => load(document));
}
