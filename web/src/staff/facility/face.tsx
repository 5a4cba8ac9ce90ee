/** The officer's face: the places of detention and the bureaux at which somebody works. */

import { useState } from "preact/hooks";
import type { FaceProps } from "../faces";
import { useWords } from "../frame/context";
import { shortId } from "../session";
import { placeOf } from "./place";
import { PlaceWork } from "./work";

/** The work at the chosen place; most people have one. */
export default function FacilityFace({ session }: FaceProps) {
  const { t } = useWords();
  const places = session.desks().filter(({ kind, id }) => kind !== "review" && session.hasDeskKey(id));
  const [id, setId] = useState(places[0]?.id);
  if (id === undefined) {
    return (
      <section class="card empty">
        <h1>{t("facility.nokey")}</h1>
        <p>{t("facility.nokey.cure")}</p>
      </section>
    );
  }
  return (
    <div class="page">
      {places.length > 1 && (
        <label class="screen-only">
          {t("facility.which")}
          <select value={id} onChange={(event) => setId(event.currentTarget.value)}>
            {places.map((desk) => (
              <option key={desk.id} value={desk.id}>
                {t(`facility.title.${desk.kind}`)} {shortId(desk.id)}
              </option>
            ))}
          </select>
        </label>
      )}
      <PlaceWork key={id} place={placeOf(session, id)} />
    </div>
  );
}
