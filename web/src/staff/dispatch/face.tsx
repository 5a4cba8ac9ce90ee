/** The dispatcher's face: bags to pack, what is missing, and the places without computers for which they sign on paper. */

import { useEffect, useState } from "preact/hooks";
import type { FaceProps } from "../faces";
import { placeOf } from "../facility/place";
import { PlaceWork } from "../facility/work";
import { useModel, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { type StaffSession, shortId } from "../session";
import { BagCover } from "./cover";
import "./dispatch.css";
import { Missing } from "./missing";
import { type PackedBag, type Packing, packingOf } from "./packing";
import { Piles } from "./piles";

/** The table of a dispatcher's review desk. */
export default function DispatchFace({ session }: FaceProps) {
  const { t } = useWords();
  const [desk] = session.desks("review");
  if (desk === undefined) {
    return (
      <section class="card empty">
        <h1>{t("dispatch.nodesk")}</h1>
        <p>{t("dispatch.nodesk.cure")}</p>
      </section>
    );
  }
  return <Table session={session} packing={packingOf(session, desk.id)} />;
}

function Table({ session, packing }: { session: StaffSession; packing: Packing }) {
  useModel(packing);
  const { t } = useWords();
  const [part, setPart] = useState("pack");
  const [cover, setCover] = useState<PackedBag>();
  // What goes to a place without computers is sealed to this very desk, and printed here.
  const keyless = session.directory.desks.filter(
    (desk) => desk.keyless && session.hasDeskKey(session.directory.intakeId),
  );
  useArrival(session, packing);
  const parts = [
    { id: "pack", label: t("dispatch.pack"), count: packing.waiting.length },
    { id: "missing", label: t("dispatch.missing"), count: packing.missing.length },
    ...keyless.map(({ id }) => ({ id, label: t("dispatch.keyless", { place: shortId(id) }), count: 0 })),
  ];
  const choose = (id: string) => {
    setCover(undefined);
    setPart(id);
  };
  return (
    <div class="page">
      <header class="place-head screen-only">
        <h1>{t("dispatch.title")}</h1>
        <button type="button" onClick={() => void packing.refresh()} disabled={packing.busy}>
          {t(packing.busy ? "facility.loading" : "facility.reload")}
        </button>
      </header>
      <nav class="parts screen-only" aria-label={t("dispatch.title")}>
        {parts.map(({ id, label, count }) => (
          <button key={id} type="button" aria-current={id === part ? "page" : undefined} onClick={() => choose(id)}>
            {label} {count > 0 && <span class="count">{count}</span>}
          </button>
        ))}
      </nav>
      {packing.fault !== undefined && <FaultCard fault={packing.fault} />}
      {cover !== undefined && <BagCover session={session} bag={cover} onBack={() => setCover(undefined)} />}
      {cover === undefined && part === "pack" && <Piles packing={packing} onCover={setCover} />}
      {cover === undefined && part === "missing" && <Missing packing={packing} />}
      {keyless.some(({ id }) => id === part) && <PlaceWork key={part} place={placeOf(session, part)} />}
    </div>
  );
}

/** Read the lists on arrival and after each sign-in. */
function useArrival(session: StaffSession, packing: Packing): void {
  useModel(session);
  useEffect(() => {
    if (!session.locked) void packing.refresh();
  }, [packing, session.locked]);
}
