/** A sheet to draw on, with a finger, a pen or a mouse. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { actions, once, p, page, plain, steps } from "../parts";
import { blank, paper, pictureOf } from "../pictures";
import type { Key } from "../words";
import { ROOM } from "./pictures";

const WIDTH = 1200;
const HEIGHT = 900;
const PENS: readonly (readonly [Key, string])[] = [
  ["drawing.black", "#22252b"],
  ["drawing.blue", "#2563b0"],
  ["drawing.red", "#c0392b"],
  ["drawing.green", "#2e8b57"],
  ["drawing.yellow", "#e6a817"],
];
const LINE = 7;

type Stroke = { colour: string; points: [number, number][] };

/** Show the sheet. */
export function drawingPage(app: App): HTMLElement {
  const { say } = app;
  const strokes: Stroke[] = [];
  const canvas = blank(WIDTH, HEIGHT);
  canvas.className = "drawing";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", say("drawing.sheet"));
  let colour = PENS[0]![1];
  follow(
    canvas,
    (points) => strokes.push({ colour, points }),
    () => redrawAll(canvas, strokes),
  );
  const pens = PENS.map(([name, value], at) => {
    const radio = h("input", {
      type: "radio",
      name: "pen",
      id: `pen${at}`,
      checked: at === 0,
      onchange: () => (colour = value),
    });
    return h("span", { class: `pen pen${at}` }, radio, h("label", { for: `pen${at}` }, say(name)));
  });
  const error = h("p", { class: "error", role: "alert" });
  const done = async (): Promise<void> => {
    try {
      const room = (app.site?.limits.enclosure_bytes ?? 4_194_304) * ROOM;
      if (strokes.length) app.letter.pictures.push(await pictureOf(canvas, room));
      app.go("next");
    } catch {
      put.disabled = false;
      fill(error, say("pictures.failed"));
    }
  };
  const put = once(say("drawing.done"), () => void done());
  const undo = (): void => {
    strokes.pop();
    redrawAll(canvas, strokes);
  };
  return page(
    say("drawing.title"),
    steps(app, 3),
    p(say("drawing.lead")),
    h("fieldset", { class: "pens" }, h("legend", {}, say("drawing.pen")), ...pens),
    canvas,
    error,
    actions(
      put,
      plain(say("drawing.undo"), undo),
      plain(say("back"), () => app.go("back")),
    ),
  );
}

function follow(canvas: HTMLCanvasElement, began: (points: [number, number][]) => void, moved: () => void): void {
  let points: [number, number][] | null = null;
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    points = [at(event)];
    began(points);
    moved();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!points) return;
    points.push(at(event));
    moved();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (points = null));
}

function redrawAll(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const sheet = paper(canvas);
  sheet.fillStyle = "#fff";
  sheet.fillRect(0, 0, WIDTH, HEIGHT);
  sheet.lineWidth = LINE;
  sheet.lineCap = sheet.lineJoin = "round";
  for (const { colour, points } of strokes) {
    sheet.strokeStyle = colour;
    sheet.beginPath();
    for (const [x, y] of points) sheet.lineTo(x, y);
    // A tap is a dot.
    if (points.length === 1) sheet.lineTo(points[0]![0] + 0.1, points[0]![1]);
    sheet.stroke();
  }
}
