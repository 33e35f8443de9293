/* Small things that several islands need. */

/** The token against forged requests, as the page carries it for htmx. */
export function csrf(): string {
  const headers = document.body.getAttribute("hx-headers");
  if (!headers) return "";
  return (JSON.parse(headers) as Record<string, string>)["X-CSRFToken"] ?? "";
}

/** What the server said went wrong: {"error": "…"} or {"errors": {field: ["…"]}}. Empty when it said nothing. */
export function reasonIn(body: string): string {
  try {
    const answer = JSON.parse(body) as { error?: string; errors?: Record<string, string[]> };
    if (answer.error) return answer.error;
    return Object.values(answer.errors ?? {}).flat().join(" ");
  } catch {
    return "";
  }
}

/** Puts words into a pattern of the page: fill("{name} · {percent} %", {...}). */
export function fill(pattern: string, values: Record<string, string | number>): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** Whether a key press belongs to a field that is being typed into. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Shows a short message that needs no answer; never for errors. */
export function toast(text: string): void {
  document.dispatchEvent(new CustomEvent("niva:toast", { detail: { text } }));
}
