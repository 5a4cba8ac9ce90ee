/** What waits to be packed: one pile for each place, and one bag for each pile. */

import { useRef, useState } from "preact/hooks";
import { SignRow, useDeed } from "../facility/acting";
import { called } from "../facility/codes";
import { MOST_SUBJECTS } from "../facility/deeds";
import { Named, toggled } from "../facility/items";
import { useFrame, useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import { type StaffSession, shortId } from "../session";
import type { Words } from "../words";
import type { PackedBag, Packing, Pile } from "./packing";

interface Props {
  readonly packing: Packing;
  /** Show the cover of a bag, to be printed. */
  readonly onCover: (bag: PackedBag) => void;
}

/** All piles, and the bags that were packed from here. */
export function Piles({ packing, onCover }: Props) {
  const words = useWords();
  const { t } = words;
  const { piles } = packing;
  return (
    <section aria-label={t("dispatch.pack")}>
      {piles.length === 0 && <p class="soft nothing">{t(packing.isLoaded ? "dispatch.none" : "facility.loading")}</p>}
      <div class="piles">
        {piles.map((pile) => (
          <PileCard key={pile.place} packing={packing} pile={pile} onCover={onCover} />
        ))}
      </div>
      {packing.packed.length > 0 && (
        <section class="card">
          <h2>{t("dispatch.packed")}</h2>
          <ul class="rows">
            {packing.packed.map((bag) => (
              <li key={bag.bag}>
                <span class="named">
                  <strong class="mono">{called(bag.bag)}</strong>
                  <span class="soft">
                    {placeName(packing.session, bag.place, t)}, {t("facility.items", { count: bag.rows.length })},{" "}
                    {words.moment(bag.packedAt)}
                  </span>
                </span>
                <button type="button" onClick={() => onCover(bag)}>
                  {t("dispatch.cover")}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </section>
  );
}

function PileCard({ packing, pile, onCover }: Props & { pile: Pile }) {
  const { notices, words } = useFrame();
  const { t } = words;
  const { session } = packing;
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState(false);
  const made = useRef<PackedBag | undefined>(undefined);
  const packable = pile.rows.filter((row) => !packing.isStopped(row));
  const chosen = packable.filter((row) => !left.has(row.item)).slice(0, MOST_SUBJECTS);
  const done = () => {
    packing.keep(made.current!);
    notices.say(t("dispatch.done"));
    onCover(made.current!);
    void packing.refresh();
  };
  const doing = useDeed(session, done, () => void packing.refresh());
  const pack = () => {
    const { deed, bag } = packing.pack(chosen, pile.place);
    made.current = bag;
    return deed;
  };
  return (
    <article class="card pile">
      <h2>{placeName(session, pile.place, t)}</h2>
      <p>
        {t("dispatch.waiting", { count: pile.rows.length })}
        {packable.length < pile.rows.length && (
          <span class="warn"> {t("dispatch.stopped", { count: pile.rows.length - packable.length })}</span>
        )}
      </p>
      {open && (
        <PileList packing={packing} pile={pile} left={left} onLeave={setLeft} fixed={doing.busy || doing.waits} />
      )}
      <SignRow
        doing={doing}
        label={t("dispatch.pack.sign", { count: chosen.length })}
        disabled={chosen.length === 0}
        make={pack}
        back={t(open ? "facility.close" : "dispatch.choose")}
        onBack={() => setOpen(!open)}
      />
    </article>
  );
}

interface ListProps {
  readonly packing: Packing;
  readonly pile: Pile;
  /** What stays where it is. */
  readonly left: ReadonlySet<string>;
  readonly onLeave: (left: ReadonlySet<string>) => void;
  readonly fixed: boolean;
}

function PileList({ packing, pile, left, onLeave, fixed }: ListProps) {
  const { t } = useWords();
  return (
    <fieldset disabled={fixed}>
      <legend>{t("dispatch.list")}</legend>
      <ul class="rows">
        {pile.rows.map((row) => {
          const stopped = packing.isStopped(row);
          const ticked = !stopped && !left.has(row.item);
          return (
            <li key={row.item}>
              <label class="tick">
                <input
                  type="checkbox"
                  checked={ticked}
                  disabled={stopped}
                  onChange={() => onLeave(toggled(left, row.item))}
                />
                <Named row={row} />
              </label>
              {stopped && (
                <span class="badge bad">
                  <Icon name="warning" /> {t("dispatch.moved")}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

/** What a place is called: what it is, whose side, and its id. The directory has no names. */
export function placeName(session: StaffSession, id: string, t: Words["t"]): string {
  const desk = session.directory.desks.find((one) => one.id === id);
  const kind = t(`facility.title.${desk?.kind ?? "facility"}`);
  return [kind, shortId(id), desk?.side, desk?.keyless && t("facility.keyless")].filter(Boolean).join(" · ");
}
