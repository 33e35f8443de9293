/* Numbers, months and days of the page's language, as d3 wants them; the words come from the browser's own CLDR. */

const MINUS = "\u2212";
const DAYS = [4, 5, 6, 7, 8, 9, 10]; // January 1970: the 4th was a Sunday

function months(language: string, style: "long" | "short"): string[] {
  const format = new Intl.DateTimeFormat(language, { day: "numeric", month: style, timeZone: "UTC" });
  return Array.from({ length: 12 }, (_unused, month) => {
    const parts = format.formatToParts(Date.UTC(2026, month, 15));
    return (parts.find((part) => part.type === "month")?.value ?? "").replace(/\.$/, "");
  });
}

function days(language: string, style: "long" | "short"): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: style, timeZone: "UTC" });
  return DAYS.map((day) => format.format(Date.UTC(1970, 0, day)));
}

function separator(language: string, type: "decimal" | "group"): string {
  const parts = new Intl.NumberFormat(language, { useGrouping: "always" as never }).formatToParts(12345678.9);
  const found = parts.find((part) => part.type === type)?.value ?? "";
  return found === "\u00a0" ? "\u202f" : found;
}

export function locale(language: string) {
  return {
    number: {
      decimal: separator(language, "decimal"),
      thousands: separator(language, "group"),
      grouping: [3],
      currency: ["", ""] as [string, string],
      minus: MINUS,
    },
    time: {
      dateTime: "%-d %B %Y, %H:%M",
      date: "%-d %B %Y",
      time: "%H:%M",
      periods: ["AM", "PM"] as [string, string],
      days: days(language, "long"),
      shortDays: days(language, "short"),
      months: months(language, "long"),
      shortMonths: months(language, "short"),
    },
  };
}
