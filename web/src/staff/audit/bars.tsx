/** Bars: amounts side by side, drawn to the width there is. A table with the same figures always stands below. */

import { useEffect, useId, useRef, useState } from "preact/hooks";

export type Pattern = 0 | 1 | 2 | 3;

/** One bar of a row: how long, what it says, and which of the patterns it has. */
export interface Bar {
  readonly value: number;
  readonly says: string;
  readonly pattern: Pattern;
}

/** One row: what it is about, and its bars below each other. */
export interface BarRow {
  readonly label: string;
  readonly bars: readonly Bar[];
}

const LABEL_HEIGHT = 22;
const BAR_HEIGHT = 16;
const BAR_STEP = 20;
const ROW_GAP = 12;
/** Room to the right of the longest bar, for what it says. */
const SAYS_WIDTH = 110;

/** What a pattern stands for. */
export interface Key {
  readonly name: string;
  readonly pattern: Pattern;
}

/** Draw rows of bars under one scale; `keys` names the patterns. */
export function Bars({ title, rows, keys }: { title: string; rows: readonly BarRow[]; keys: readonly Key[] }) {
  const [frame, width] = useWidth();
  const id = useId();
  const most = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = Math.max(width - SAYS_WIDTH, 40) / most;
  let top = 0;
  return (
    <figure class="bars" ref={frame}>
      <ul class="legend" aria-hidden="true">
        {keys.map(({ name, pattern }) => (
          <li key={name}>
            <svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">
              <rect class={`bar p${pattern}`} width="16" height="16" rx="2" />
            </svg>
            {name}
          </li>
        ))}
      </ul>
      <svg role="img" aria-labelledby={id} width={width} height={heightOf(rows)}>
        <title id={id}>{title}</title>
        {rows.map(({ label, bars }) => {
          const start = top;
          top += LABEL_HEIGHT + bars.length * BAR_STEP + ROW_GAP;
          return (
            <g key={label} transform={`translate(0 ${start})`}>
              <text class="label" y={LABEL_HEIGHT - 7}>
                {label}
              </text>
              {bars.map(({ value, says, pattern }, at) => (
                <g key={pattern} transform={`translate(0 ${LABEL_HEIGHT + at * BAR_STEP})`}>
                  <rect
                    class={`bar p${pattern}`}
                    width={Math.max(value * scale, value > 0 ? 2 : 0)}
                    height={BAR_HEIGHT}
                    rx="2"
                  />
                  <text class="says" x={value * scale + 8} y={BAR_HEIGHT - 4}>
                    {says}
                  </text>
                </g>
              ))}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

function heightOf(rows: readonly BarRow[]): number {
  return rows.reduce((height, { bars }) => height + LABEL_HEIGHT + bars.length * BAR_STEP + ROW_GAP, 0);
}

/** The width of the frame, in pixels; type keeps its size on a telephone. */
function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    if (frame.current) watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  return [frame, width] as const;
}
