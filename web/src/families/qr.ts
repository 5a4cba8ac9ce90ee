/** QR codes as pictures made of one path. */

import { encode } from "uqr";
import { svg } from "./dom";

/** Draw a code that survives being photocopied; dark on white in every theme, because readers expect it. */
export function qr(text: string, label: string): SVGElement {
  const { size, data } = encode(text, { ecc: "Q", border: 2 });
  let path = "";
  for (const [y, row] of data.entries()) for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
  const ground = svg("rect", { width: size, height: size, fill: "#fff" });
  const dots = svg("path", { d: path, fill: "#000", "shape-rendering": "crispEdges" });
  return svg("svg", { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label }, ground, dots);
}
