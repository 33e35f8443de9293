/* The table twin of a chart, on the page and as a file. */

export interface TableData {
  columns: { field: string; title: string; kind?: string; digits?: number }[];
  rows: Record<string, string | number | null>[];
}

function cell(
  value: string | number | null | undefined,
  kind: string | undefined,
  language: string,
  digits: number,
): string {
  if (value === null || value === undefined) return "—";
  if (kind === "day") {
    const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: "UTC" });
    return format.format(new Date(`${value}T00:00:00Z`));
  }
  return typeof value === "number" ? new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value) : value;
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
      place.textContent = cell(row[column.field], column.kind, language, column.digits ?? 1);
      if (typeof row[column.field] === "number") place.className = "n";
    }
  }
  frame.append(sheet);
  return frame;
}

const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would compute; our numbers are no strings

function field(value: string | number | null | undefined, comma: boolean): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return comma ? String(value).replace(".", ",") : String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The same rows unrounded, as spreadsheets of the page's language open them: semicolons, UTF-8 with its mark. */
export function csv(data: TableData): Blob {
  const comma = (document.documentElement.lang || "en").startsWith("ru");
  const lines = [
    data.columns.map((column) => field(column.title, comma)),
    ...data.rows.map((row) => data.columns.map((column) => field(row[column.field], comma))),
  ];
  const text = lines.map((cells) => cells.join(";")).join("\r\n");
  return new Blob(["\ufeff", text, "\r\n"], { type: "text/csv;charset=utf-8" });
}
