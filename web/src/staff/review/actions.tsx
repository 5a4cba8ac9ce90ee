/** The decisions, each a button with its key; what needs words or a reason opens a dialog. */

import { useState } from "preact/hooks";
import { countCharacters } from "../../core/manifests";
import { useFrame, useWords } from "../frame/context";
import { useKeys } from "../frame/keyboard";
import { isPassed } from "./astray";
import { deciding, forwarding, hurdleOf, isJudgeable, nextReader, passing, redirecting } from "./decisions";
import type { Letter, ReviewDesk } from "./desk";
import { hasEdits, MOST_NOTE_CHARACTERS } from "./drafts";
import { MatchDialog } from "./match";
import type { Decision, Outbox } from "./outbox";
import { AnswerDialog, BureauDialog, HintDialog, KnowinglyDialog, ReasonsDialog } from "./panels";
import { RedirectDialog } from "./redirect";
import { Place } from "./side";

interface Props {
  readonly desk: ReviewDesk;
  readonly outbox: Outbox;
  readonly letter: Letter;
  /** Called before the letter leaves, so that the next one is chosen while this one is still in the list. */
  readonly onDecided: () => void;
}

type Open =
  | "return"
  | "withhold"
  | "escalate"
  | "release"
  | "match"
  | "knowingly"
  | "confirm"
  | "overturn"
  | "bureau"
  | "redirect";

interface Choice {
  readonly key: string;
  readonly name: string;
  readonly run: () => void;
  readonly look?: "main" | "grave";
  readonly off?: boolean;
}

/** The bar of decisions under a letter. */
export function Actions({ desk, outbox, letter, onDecided }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState<Open>();
  const decide = (decision: Decision) => {
    setOpen(undefined);
    onDecided();
    outbox.put(decision);
  };
  const choices = useChoices(desk, letter, decide, setOpen);
  useKeys(
    Object.fromEntries(
      choices.map(({ key, name, run, off }) => [
        key,
        off ? undefined : { label: t(`decide.${name}`), group: t("keys.decide"), run },
      ]),
    ),
  );
  if (letter.standing === "lost" || letter.standing === "closed") return null;
  return (
    <footer class="actions">
      <Obstacle desk={desk} letter={letter} />
      <div class="row">
        {choices.map(({ key, name, run, look, off }) => (
          <button key={name} type="button" class={look ?? ""} disabled={off} onClick={run}>
            {t(`decide.${name}`)} <kbd>{key.toUpperCase()}</kbd>
          </button>
        ))}
      </div>
      {open !== undefined && (
        <Opened open={open} desk={desk} letter={letter} onDecide={decide} onClose={() => setOpen(undefined)} />
      )}
    </footer>
  );
}

/** Which decisions there are for a letter in its state. */
function useChoices(
  desk: ReviewDesk,
  letter: Letter,
  decide: (decision: Decision) => void,
  open: (open: Open) => void,
): Choice[] {
  const { notices, words } = useFrame();
  if (letter.standing === "lost" || letter.standing === "closed") return [];
  if (letter.row.state === "contested") {
    if (!desk.maySettle(letter.row)) return [];
    return [
      { key: "c", name: "confirm", run: () => open("confirm"), look: "grave" },
      { key: "o", name: "overturn", run: () => open("overturn"), look: "main" },
    ];
  }
  if (isPassed(letter.row)) {
    return [
      {
        key: "d",
        name: "redirect",
        run: () => open("redirect"),
        look: "main",
        off: letter.opened === undefined || isTooLong(letter),
      },
      // What is missing may still be found: only a dispatcher gives it up.
      ...(letter.row.state === "missing" ? [] : [{ key: "r", name: "return", run: () => open("return") } as const]),
    ];
  }
  if (letter.opened === undefined) {
    return [
      { key: "r", name: "return", run: () => open("return") },
      { key: "e", name: "escalate", run: () => open("escalate") },
      { key: "l", name: "release", run: () => open("release") },
    ];
  }
  const hurdle = hurdleOf(desk, letter.opened);
  const isStopped = isTooLong(letter) || (hurdle !== undefined && !isJudgeable(hurdle));
  const toBureau = letter.row.kind === "reply" && hurdle === "no_address";
  const next = nextReader(letter.row);
  const pass = () => {
    if (hurdle !== undefined) return open("knowingly");
    notices.say(words.t(next ? "forwarded.done" : hasEdits(letter.draft) ? "passed.edited" : "passed.whole"));
    return decide(onward(desk, letter));
  };
  const needsMatch = letter.row.detainee === "unknown" || letter.opened.letter.line.re === "new";
  return [
    next === undefined
      ? { key: "p", name: "pass", run: pass, look: "main", off: isStopped }
      : { key: "f", name: "forward", run: pass, look: "main", off: isStopped },
    { key: "r", name: "return", run: () => open("return") },
    { key: "w", name: "withhold", run: () => open("withhold"), look: "grave" },
    ...(needsMatch ? [{ key: "m", name: "match", run: () => open("match") } as const] : []),
    ...(toBureau ? [{ key: "b", name: "bureau", run: () => open("bureau") } as const] : []),
    { key: "e", name: "escalate", run: () => open("escalate") },
    { key: "l", name: "release", run: () => open("release") },
  ];
}

/** A letter goes on to the next review desk of its route, if there is one, and otherwise passes. */
function onward(desk: ReviewDesk, { row }: Letter): Decision {
  const next = nextReader(row);
  return next === undefined ? passing(desk, row.item) : forwarding(desk, row.item, next);
}

function isTooLong(letter: Letter): boolean {
  return countCharacters(letter.draft.note) > MOST_NOTE_CHARACTERS;
}

/** What stands in the way of passing, in words; who reads it next; and that somebody else has to decide. */
function Obstacle({ desk, letter }: Pick<Props, "desk" | "letter">) {
  const { t } = useWords();
  const { row, opened } = letter;
  if (row.state === "contested") {
    if (desk.maySettle(row)) return null;
    return <p class="second">{t(row.proposer === desk.session.member.person ? "second.own" : "second.barred")}</p>;
  }
  if (row.state === "missing") return <p class="second">{t("astray.missing.how")}</p>;
  const hurdle = opened && hurdleOf(desk, opened);
  if (hurdle !== undefined) return <p class="hurdle">{t(`hurdle.${hurdle}`)}</p>;
  const next = opened && !isPassed(row) ? nextReader(row) : undefined;
  if (next === undefined) return null;
  return (
    <p class="second">
      {t("forward.next")} <Place desk={desk} id={next} />
    </p>
  );
}

interface OpenedProps extends Pick<Props, "desk" | "letter"> {
  readonly open: Open;
  readonly onDecide: (decision: Decision) => void;
  readonly onClose: () => void;
}

function Opened({ open, desk, letter, onDecide, onClose }: OpenedProps) {
  const { item } = letter.row;
  const common = { desk, letter, onClose };
  switch (open) {
    case "return":
    case "confirm":
      return <AnswerDialog {...common} kind={open} onDecide={onDecide} />;
    case "withhold":
      return (
        <ReasonsDialog
          {...common}
          name="withhold"
          needed
          onReasons={(reasons) => onDecide(deciding(desk, item, "propose_withhold", { reasons }))}
        />
      );
    case "escalate":
    case "overturn":
      return (
        <ReasonsDialog
          {...common}
          name={open}
          onReasons={(reasons) => onDecide(deciding(desk, item, open, { reasons }))}
        />
      );
    case "release":
      return <HintDialog {...common} onHint={(hint) => onDecide(deciding(desk, item, "release", { hint }))} />;
    case "knowingly":
      return <KnowinglyDialog {...common} onPass={() => onDecide(onward(desk, letter))} />;
    case "redirect":
      return (
        <RedirectDialog {...common} onPlace={(place, reasons) => onDecide(redirecting(desk, item, place, reasons))} />
      );
    case "bureau":
      return <BureauDialog {...common} onPlace={(place) => onDecide(passing(desk, item, place))} />;
    case "match":
      return <MatchDialog {...common} onMatch={(fields) => onDecide(deciding(desk, item, "match", fields))} />;
  }
}
