/** The house's sign: an envelope in a postmark. */

import { svg } from "./dom";

/** Draw it; it says nothing that is not said in words. */
export function postmark(): SVGElement {
  const line = { fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-linejoin": "round" };
  return svg(
    "svg",
    { class: "postmark", viewBox: "0 0 120 120", "aria-hidden": "true" },
    svg("circle", { cx: 60, cy: 60, r: 56, ...line }),
    svg("circle", { cx: 60, cy: 60, r: 47, ...line, "stroke-dasharray": "3 5" }),
    svg("path", { d: "M34 44h52v34H34zM34 44l26 20 26-20", ...line }),
  );
}
