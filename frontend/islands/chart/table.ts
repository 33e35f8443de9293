/* The table twin of a chart. */

export interface TableData {
  columns: { field: string; title: string; kind?: string }[];
  rows: Record<string, string | number | null>[];
}

function cell(value: string | number | null | undefined, kind: string | undefined, language: string): string {
  if (value === null || value === undefined) return "—";
  if (kind === "day") {
    const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: "UTC" });
    return format.format(new Date(`${value}T00:00:00Z`));
  }
  return typeof value === "number" ? new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value) : value;
}

export function table(data: TableData, label: string): HTMLElement {
  const language = document.documentElement.lang || "en";
  const frame = document.createElement("div");
  frame.className = "scroll";
  frame.dataset["twin"] = "";
  frame.tabIndex = 0;
  const sheet = document.createElement("table");
  sheet.className = "tbl";
  const caption = sheet.createCaption();
  caption.className = "sr";
  caption.textContent = label;
  const head = sheet.createTHead().insertRow();
  for (const column of data.columns) {
    const title = document.createElement("th");
    title.scope = "col";
    title.textContent = column.title;
    head.append(title);
  }
  const body = sheet.createTBody();
  for (const row of data.rows) {
    const line = body.insertRow();
    for (const column of data.columns) {
      const place = line.insertCell();
      place.textContent = cell(row[column.field], column.kind, language);
      if (typeof row[column.field] === "number") place.className = "n";
    }
  }
  frame.append(sheet);
  return frame;
}
