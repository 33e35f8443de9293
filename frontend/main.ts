/* The one script of every page: htmx under a strict CSP, and islands that load when they are seen. */
import htmx from "htmx.org";
import "./generated/sprite.svg?url&no-inline";
import "./ear.svg?url&no-inline";
import { startIslands } from "./islands/loader.ts";
import { watchFailures } from "./islands/failures.ts";
import { startCopying } from "./islands/copy.ts";
import { startDialogs } from "./islands/dialogs.ts";
import { showOpenTab } from "./islands/tabs.ts";

// No eval and no inline styles: the page's Content-Security-Policy forbids both.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.scrollIntoViewOnBoost = false;
// A form with errors comes back as 422, a conflict of two editors as 409: both carry a fragment to show.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "(409|422)", swap: true, error: false },
  { code: "...", swap: false, error: true },
];

watchFailures();
startDialogs();
startCopying();
showOpenTab();
startIslands();
