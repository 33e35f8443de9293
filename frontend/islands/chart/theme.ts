/* The look of charts, read from the page's CSS: Vega needs plain colours, the tokens are light-dark() and oklch(). */

const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** The colour of a token as the page shows it now, as rgb(). */
function colour(token: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const shown = getComputedStyle(probe).color;
  probe.remove();
  if (!pixel) return shown;
  pixel.fillStyle = shown;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

/** What a picture of a chart is drawn on and written with. */
export function look(): { font: string; ground: string; ink: string; quiet: string } {
  const font = getComputedStyle(document.body).fontFamily;
  return { font, ground: colour("surface"), ink: colour("ink"), quiet: colour("ink-2") };
}

/** Vega-Lite's config for a chart `width` px wide. */
export function theme(width: number): Record<string, unknown> {
  const font = getComputedStyle(document.body).fontFamily;
  const [ink, ink2, fact, plan, range, grid, line, surface] = [
    "ink",
    "ink-2",
    "chart-fact",
    "chart-plan",
    "chart-range",
    "chart-grid",
    "line-strong",
    "surface",
  ].map(colour);
  return {
    background: "transparent",
    font,
    padding: { left: 0, right: width < 500 ? 4 : 12, top: 8, bottom: 0 },
    view: { stroke: null },
    axis: {
      labelColor: ink2,
      labelFontSize: 12,
      labelPadding: 6,
      gridColor: grid,
      domainColor: line,
      tickColor: line,
      tickSize: 4,
    },
    axisTemporal: {
      grid: false,
      tickCount: Math.max(2, Math.min(8, Math.floor(width / 90))),
      labelOverlap: "greedy",
      labelSeparation: 12,
    },
    style: {
      fact: { color: fact, strokeWidth: 2.5, strokeJoin: "round" },
      plan: { color: plan, strokeWidth: 1.5, strokeDash: [5, 4] },
      range: { color: range, fillOpacity: 1 },
      dot: { color: fact, filled: true, size: 70, opacity: 1 },
      hollow: { fill: surface, color: fact, strokeWidth: 2, size: 60, opacity: 1 },
      whisk: { color: fact, strokeWidth: 2 },
      lead: { color: ink, fontSize: 12, fontWeight: 600 },
      name: { color: ink, fontSize: 13, align: "left", baseline: "bottom" },
      value: { color: ink2, fontSize: 12, align: "left", baseline: "middle", dx: 6 },
      rank: { color: fact, cornerRadiusEnd: 3 },
      edge: { color: plan, strokeWidth: 1, strokeDash: [2, 3] },
      now: { color: ink, filled: true, size: 80, shape: "diamond", opacity: 1 },
      "guide-label": { font },
    },
    bar: { fill: fact, cornerRadiusEnd: 3 },
    text: { fill: ink2, fontSize: 12 },
  };
}
