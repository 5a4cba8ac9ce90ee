/** Something that a board asks the relay for: the last answer stays while it is asked again. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** The state of a question. */
export interface Asked<T> {
  readonly answer: T | undefined;
  readonly fault: unknown;
  readonly busy: boolean;
  /** When it was answered, milliseconds since 1970. */
  readonly at: number | undefined;
  readonly again: () => void;
}

/** Ask now, and again when told to; of two answers the later question's counts. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [state, setState] = useState<Omit<Asked<T>, "again">>({
    answer: undefined,
    fault: undefined,
    busy: true,
    at: undefined,
  });
  const turn = useRef(0);
  const question = useRef(ask);
  question.current = ask;
  const again = useCallback(() => {
    const mine = ++turn.current;
    const settle = (news: Partial<Omit<Asked<T>, "again">>) => {
      if (mine === turn.current) setState((before) => ({ ...before, busy: false, ...news }));
    };
    setState((before) => ({ ...before, busy: true }));
    question.current().then(
      (answer) => settle({ answer, fault: undefined, at: Date.now() }),
      (fault) => settle({ fault }),
    );
  }, []);
  useEffect(() => {
    again();
    return () => void turn.current++;
  }, [again]);
  return { ...state, again };
}
