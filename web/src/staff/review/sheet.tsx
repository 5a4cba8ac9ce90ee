/** The letter itself, as paper: whom it is for, who wrote it, its words, its pictures. */

import { useEffect, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { Icon, type IconName } from "../frame/icons";
import { useKeys } from "../frame/keyboard";
import { isPassed } from "./astray";
import type { Letter, ReviewDesk } from "./desk";
import { explainPicture, togglePicture } from "./drafts";
import { Marking } from "./marking";
import { type OpenedItem, type Picture, readdressed } from "./opening";
import { readAddress } from "./particulars";
import { AgeMark, whose } from "./rail";
import { PICTURE_REASONS } from "./reasons";
import { sayReason, takenOut } from "./redirect";
import { Place } from "./side";

interface Props {
  readonly desk: ReviewDesk;
  readonly letter: Letter;
}

/** A letter in whatever state it is. */
export function Sheet({ desk, letter }: Props) {
  const words = useWords();
  const { t } = words;
  const { row, opened } = letter;
  return (
    <article class="sheet">
      <header>
        <h1 class="to">
          <span class="soft">{t(row.kind === "reply" ? "sheet.from" : "sheet.for")}</span>{" "}
          <strong class="mono">{whose(row.detainee, t)}</strong>
        </h1>
        <p class="marks">
          {opened !== undefined && <Author desk={desk} item={opened} />}
          {opened !== undefined && <span class="badge">{words.language(opened.letter.manifest.lang)}</span>}
          {row.hint !== undefined && (
            <span class="badge old">{t("sheet.hint", { language: words.language(row.hint) })}</span>
          )}
          <AgeMark since={row.acceptedAt} />
        </p>
      </header>
      <Trouble desk={desk} letter={letter} />
      {isPassed(row) && <Passed desk={desk} letter={letter} />}
      {letter.standing === "closed" && <p class="soft">{t("rail.opening")}</p>}
      {letter.unreadable !== undefined && <Unreadable code={letter.unreadable} />}
      {opened !== undefined && <Opened desk={desk} letter={letter} item={opened} />}
    </article>
  );
}

/** What went wrong with this letter, what is safe, and what to do. */
function Trouble({ desk, letter }: Props) {
  const { t } = useWords();
  if (letter.standing === "lost") {
    return (
      <div class="fault" role="alert">
        <Icon name="warning" />
        <div>
          <p class="what">{t("lost.title")}</p>
          <p>{t("lost.text")}</p>
          <div class="row">
            <button type="button" onClick={() => void desk.refresh()}>
              {t("lost.look")}
            </button>
            <button type="button" onClick={() => desk.remove(letter.row.item)}>
              {t("lost.away")}
            </button>
          </div>
        </div>
      </div>
    );
  }
  if (letter.fault === undefined) return null;
  return (
    <FaultCard fault={letter.fault}>
      <p>{t("fault.kept")}</p>
      <button
        type="button"
        onClick={() => void desk.refresh().then(() => desk.update(letter.row.item, { fault: undefined }))}
      >
        {t("lost.look")}
      </button>
    </FaultCard>
  );
}

/** Why something that was passed is here again, and what goes on from here: the letter as this desk read it. */
function Passed({ desk, letter }: Props) {
  const { t } = useWords();
  const { row, opened } = letter;
  const reasons = takenOut(letter);
  return (
    <section class="aside passed">
      <h2>{t(`astray.${desk.strayingOf(row) ?? "waiting"}`)}</h2>
      {row.destination !== undefined && (
        <p>
          {t("astray.to")} <Place desk={desk} id={row.destination} />
        </p>
      )}
      {opened !== undefined && <p>{t("astray.earlier")}</p>}
      {reasons.length > 0 && (
        <p class="warn">
          {t("astray.takenout", { reasons: reasons.map((reason) => sayReason(reason, t)).join("; ") })}
        </p>
      )}
    </section>
  );
}

function Unreadable({ code }: { code: string }) {
  const { t } = useWords();
  if (code === "no_earlier_letter") {
    return (
      <div class="unreadable">
        <h2>{t("astray.gone")}</h2>
        <p>{t("astray.gone.text")}</p>
      </div>
    );
  }
  return (
    <div class="unreadable">
      <h2>{t("unreadable.title")}</h2>
      <p>{t("unreadable.text")}</p>
      <p class="soft mono">{code}</p>
    </div>
  );
}

function Opened({ desk, letter, item }: Props & { item: OpenedItem }) {
  const { t } = useWords();
  const { manifest } = item.letter;
  const typed = readdressed(item);
  return (
    <>
      {typed !== undefined && <p class="aside">{t("sheet.typed", { number: whose(typed, t) })}</p>}
      <Address item={item} />
      {manifest.text === "" ? (
        <p class="soft">{t("sheet.notext")}</p>
      ) : (
        <Marking
          text={manifest.text}
          lang={manifest.lang}
          draft={letter.draft}
          onDraft={(change) => desk.draft(letter.row.item, change)}
        />
      )}
      {manifest.note !== undefined && (
        <section class="aside">
          <h2>{t("sheet.note")}</h2>
          <p class="said">{manifest.note}</p>
        </section>
      )}
      <Pictures desk={desk} letter={letter} pictures={item.pictures} />
    </>
  );
}

/** What the writer said to help to find somebody. */
function Address({ item }: { item: OpenedItem }) {
  const { t } = useWords();
  const { particulars, words } = readAddress(item.letter.manifest.address);
  const said = Object.entries(particulars);
  if (said.length === 0 && words === "") return null;
  return (
    <section class="aside">
      <h2>{t("sheet.address")}</h2>
      <dl class="facts">
        {said.map(([key, text]) => [<dt key={key}>{t(`particular.${key}`)}</dt>, <dd key={`${key}-said`}>{text}</dd>])}
      </dl>
      {words !== "" && <p class="said">{words}</p>}
    </section>
  );
}

const SIGNS: Readonly<Record<string, readonly [string, IconName]>> = {
  known: ["good", "check"],
  "first-contact": ["new", "info"],
};

/** Who wrote it, as far as a signature can say. */
function Author({ desk, item }: { desk: ReviewDesk; item: OpenedItem }) {
  const { t } = useWords();
  const { authenticity } = desk.judge(item);
  const [tone, icon] = SIGNS[authenticity] ?? ["bad", "warning"];
  return (
    <>
      <span class={`badge ${tone}`} title={t(`author.${authenticity}.what`)}>
        <Icon name={icon} /> {t(`author.${authenticity}`)}
      </span>
      {item.contactRefused !== undefined && (
        <span class="badge bad" title={item.contactRefused}>
          <Icon name="warning" /> {t("author.contact")}
        </span>
      )}
    </>
  );
}

/** The pictures, each to pass or to be left out, by the keys 1 to 3. */
function Pictures({ desk, letter, pictures }: Props & { pictures: readonly Picture[] }) {
  const { t } = useWords();
  const toggle = (part: number) =>
    desk.draft(letter.row.item, (draft) => togglePicture(draft, part, PICTURE_REASONS[0]));
  useKeys(
    Object.fromEntries(
      pictures
        .filter((picture) => picture.blob !== undefined)
        .map(({ part }) => [
          String(part),
          { label: t("keys.picture", { part }), group: t("keys.letter"), run: () => toggle(part) },
        ]),
    ),
  );
  if (pictures.length === 0) return null;
  return (
    <section class="pictures" aria-label={t("sheet.pictures")}>
      {pictures.map((picture) => {
        const out = letter.draft.leftOut.find((one) => one.part === picture.part);
        return (
          <figure key={picture.part} class={out ? "out" : ""}>
            <Shown picture={picture} />
            <figcaption>
              <span class="grow">{picture.name}</span>
              {picture.blob !== undefined && (
                <button type="button" aria-pressed={out !== undefined} onClick={() => toggle(picture.part)}>
                  {t(out ? "sheet.leftout" : "sheet.passes")} <kbd>{picture.part}</kbd>
                </button>
              )}
            </figcaption>
            {out !== undefined && (
              <select
                aria-label={t("sheet.why")}
                value={out.reason}
                onChange={(event) => {
                  const reason = event.currentTarget.value;
                  desk.draft(letter.row.item, (draft) => explainPicture(draft, picture.part, reason));
                }}
              >
                {PICTURE_REASONS.map((reason) => (
                  <option key={reason} value={reason}>
                    {t(`reason.${reason}`)}
                  </option>
                ))}
              </select>
            )}
          </figure>
        );
      })}
    </section>
  );
}

/** A picture from its opened bytes; the address that shows it is taken back when it is no longer seen. */
export function Shown({ picture }: { picture: Picture }) {
  const { t } = useWords();
  const [address, setAddress] = useState<string>();
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    if (picture.blob === undefined) return undefined;
    const made = URL.createObjectURL(picture.blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture.blob]);
  if (picture.blob === undefined) return <p class="nopicture">{t("sheet.leftoutbefore")}</p>;
  if (broken) return <p class="nopicture">{t("sheet.nopicture")}</p>;
  return address === undefined ? null : (
    <img src={address} alt={t("sheet.picture", { part: picture.part })} onError={() => setBroken(true)} />
  );
}
