/** Faults in words: what happened, what is safe, what to do. Codes come from the relay or from the checks made here. */

import { Problem } from "../../core/problems";
import type { Words } from "../words";
import { useWords } from "./context";
import { Icon } from "./icons";

/** A fault as a person reads it. */
export interface Told {
  readonly code: string;
  readonly what: string;
  readonly cure: string;
}

/** Say a fault in the reader's language; one that has no words of ours is told in the relay's own. */
export function tellFault(fault: unknown, words: Words): Told {
  const code = codeOf(fault);
  const what = `problem.${code}`;
  const cure = `cure.${code}`;
  if (words.has(what))
    return { code, what: words.t(what), cure: words.has(cure) ? words.t(cure) : words.t("cure.other") };
  const answered = fault instanceof Problem ? fault : undefined;
  return { code, what: words.t("problem.other", { code }), cure: answered?.cure ?? words.t("cure.other") };
}

/** The stable code of whatever was thrown. */
export function codeOf(fault: unknown): string {
  return fault instanceof Problem ? fault.code : "internal_page";
}

/** Show a fault where it happened. */
export function FaultCard({ fault, children }: { fault: unknown; children?: preact.ComponentChildren }) {
  const words = useWords();
  const told = tellFault(fault, words);
  return (
    <div class="fault" role="alert">
      <Icon name="warning" />
      <div>
        <p class="what">{told.what}</p>
        <p>{told.cure}</p>
        <p class="soft mono">{told.code}</p>
        {children}
      </div>
    </div>
  );
}
