/** Where the focus goes when a part of the page comes and goes, so that nobody at a keyboard has to look for it. */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A heading that takes the focus when its part of the page appears, so that nobody has to look for it. */
export function FocusedHeading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** Give the focus to a part of the page once what stood in its place is done; not when the page is first drawn. */
export function useReturn<T extends HTMLElement>(isBack: boolean): RefObject<T | null> {
  const part = useRef<T>(null);
  const wasAway = useRef(false);
  useEffect(() => {
    if (isBack && wasAway.current) part.current?.focus();
    wasAway.current = !isBack;
  }, [isBack]);
  return part;
}
