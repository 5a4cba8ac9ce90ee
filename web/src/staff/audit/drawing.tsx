/** An item's chain as a drawing: custodians as lanes, time downwards, each event a point where the item came to be. */

import { useId } from "preact/hooks";
import { span } from "../boards/amounts";
import { useWords } from "../frame/context";
import type { Chain, Point } from "./lanes";

const LANE = 24;
const LEFT = 16;
const HEAD = 92;
const STEP = 46;
const GAP_STEP = 40;
const TEXT = 150;

interface Placed {
  readonly point: Point;
  readonly y: number;
}

/** The drawing; the table beside it says the same. */
export function ChainDrawing({ chain }: { chain: Chain }) {
  const words = useWords();
  const { t } = words;
  const id = useId();
  const placed = place(chain.points);
  const x = (custodian: string) => LEFT + chain.lanes.indexOf(custodian) * LANE;
  const beside = LEFT + (chain.lanes.length - 1) * LANE + 16;
  const height = (placed.at(-1)?.y ?? HEAD) + (chain.unaccepted ? 56 : 28);
  return (
    <svg class="chain" role="img" aria-labelledby={id} width={beside + TEXT} height={height}>
      <title id={id}>{t("audit.chain.drawing", { item: chain.item.slice(0, 8) })}</title>
      {chain.lanes.map((lane) => (
        <g key={lane}>
          <line class="lane" x1={x(lane)} x2={x(lane)} y1={HEAD - 14} y2={height - 6} />
          <text class="head" transform={`translate(${x(lane) + 4} ${HEAD - 22}) rotate(-42)`}>
            {t(`audit.custodian.${lane}`)}
          </text>
        </g>
      ))}
      {placed.map(({ point, y }, at) => (
        <Way key={point.index} point={point} from={placed[at - 1]} y={y} x={x} beside={beside} />
      ))}
      {chain.unaccepted && placed.length > 0 && <Open placed={placed.at(-1)!} x={x} beside={beside} />}
      {placed.map(({ point, y }) => (
        <g key={point.index}>
          <circle class={point.from === point.holder ? "stay" : "hand"} cx={x(point.holder)} cy={y} r="6" />
          <text class="what" x={beside} y={y}>
            {t(`audit.event.${point.event}`)}
          </text>
          <text class="when" x={beside} y={y + 16}>
            {words.moment(point.at)}
          </text>
        </g>
      ))}
    </svg>
  );
}

interface WayProps {
  readonly point: Point;
  readonly from: Placed | undefined;
  readonly y: number;
  readonly x: (custodian: string) => number;
  readonly beside: number;
}

/** The way from the event before to this one; a silence of a day or more is broken, and says how long it was. */
function Way({ point, from, y, x, beside }: WayProps) {
  const words = useWords();
  const start = from ? { x: x(from.point.holder), y: from.y } : { x: x(point.from), y: HEAD - 14 };
  return (
    <>
      <path
        class={point.gap ? "way gap" : "way"}
        d={`M${start.x} ${start.y}L${start.x} ${y - 26}L${x(point.holder)} ${y}`}
      />
      {point.gap && (
        <text class="silence" x={beside} y={y - 24}>
          {words.t("audit.chain.gap", { span: span(point.waited, words) })}
        </text>
      )}
    </>
  );
}

interface OpenProps {
  readonly placed: Placed;
  readonly x: (custodian: string) => number;
  readonly beside: number;
}

/** Released, and nobody has taken it. */
function Open({ placed: { point, y }, x, beside }: OpenProps) {
  const { t } = useWords();
  return (
    <>
      <path class="way open" d={`M${x(point.holder)} ${y}L${x(point.to)} ${y + 40}`} />
      <circle class="open" cx={x(point.to)} cy={y + 42} r="6" />
      <text class="silence" x={beside} y={y + 46}>
        {t("audit.chain.open")}
      </text>
    </>
  );
}

function place(points: readonly Point[]): Placed[] {
  let y = HEAD - 20;
  return points.map((point) => {
    y += STEP + (point.gap ? GAP_STEP : 0);
    return { point, y };
  });
}
