/** Bringing a reply in: scanned pages whose code says which letter they answer, or words typed off the sheet. */

import { useId, useState } from "preact/hooks";
import { showNumber } from "../../core/codes";
import { isNumber } from "../../core/forms";
import { countCharacters, MAX_TEXT_CHARACTERS } from "../../core/manifests";
import { useFrame, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { Icon } from "../frame/icons";
import { LANGUAGES } from "../words";
import { BlobImage, FileButton, PaperField } from "./acting";
import { called, type ReadCode, readCode } from "./codes";
import { type Answer, Finder } from "./finder";
import { drawPage, type Page } from "./images";
import { Outgoings } from "./outgoings";
import type { Place } from "./place";
import { lacks, MOST_PAGES, NO_REPLY } from "./replies";

/** The form, and under it what was brought in from here. */
export function Replies({ place }: { place: Place }) {
  const { t } = useWords();
  return (
    <section class="replies" aria-label={t("facility.replies")}>
      <ReplyForm place={place} />
      <Outgoings place={place} />
    </section>
  );
}

function ReplyForm({ place }: { place: Place }) {
  const { notices, words } = useFrame();
  const { t } = words;
  const { draft } = place;
  const [paper, setPaper] = useState<Page>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [tried, setTried] = useState(false);
  const missing = [...lacks(draft), ...(place.needsPaper && paper === undefined ? ["paper_required"] : [])];
  const send = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (missing.length > 0) return;
    setBusy(true);
    setFault(undefined);
    place
      .reply(paper)
      .then(() => {
        setPaper(undefined);
        setTried(false);
        notices.say(t("facility.reply.sealed"));
      }, setFault)
      .finally(() => setBusy(false));
  };
  return (
    <div class="card">
      <h2>{t("facility.reply.title")}</h2>
      <p>{t("facility.reply.what")}</p>
      <Pages place={place} />
      <Answers place={place} />
      <form onSubmit={send} aria-busy={busy}>
        <Particulars place={place} />
        {place.needsPaper && <PaperField page={paper} required onPage={setPaper} />}
        {tried && missing.length > 0 && (
          <div role="alert">
            {missing.map((code) => (
              <p key={code} class="warn">
                <Icon name="warning" /> {t(`facility.lacks.${code}`)}
              </p>
            ))}
          </div>
        )}
        {fault !== undefined && <FaultCard fault={fault} />}
        <div class="row end">
          <button type="button" onClick={() => place.write(NO_REPLY)} disabled={busy}>
            {t("facility.reply.clear")}
          </button>
          <button type="submit" class="main" disabled={busy}>
            <Icon name="lock" /> {busy ? t("facility.reply.sealing") : t("facility.reply.send")}
          </button>
        </div>
      </form>
    </div>
  );
}

/** The scanned pages; a code on one of them fills in the rest. */
function Pages({ place }: { place: Place }) {
  const { t } = useWords();
  const { pages } = place.draft;
  const [fault, setFault] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const take = async (files: readonly File[]) => {
    setBusy(true);
    setFault(undefined);
    try {
      for (const file of files.slice(0, MOST_PAGES - place.draft.pages.length)) {
        const page = await drawPage(file);
        place.write({ pages: [...place.draft.pages, page] });
        const code = page.codes.map(readCode).find((one) => one !== undefined);
        if (code !== undefined) answer(place, code);
      }
    } catch (found) {
      setFault(found);
    } finally {
      setBusy(false);
    }
  };
  const drop = (page: Page) => place.write({ pages: place.draft.pages.filter((one) => one !== page) });
  return (
    <fieldset>
      <legend>{t("facility.pages")}</legend>
      <p class="hint">{t("facility.pages.hint", { count: MOST_PAGES })}</p>
      <ol class="thumbs">
        {pages.map((page, at) => (
          <li key={at}>
            <BlobImage blob={page.blob} alt={t("facility.page", { part: at + 1 })} />
            <button type="button" onClick={() => drop(page)}>
              <Icon name="cross" /> {t("facility.page.drop", { part: at + 1 })}
            </button>
          </li>
        ))}
      </ol>
      {pages.length < MOST_PAGES && (
        <FileButton
          label={t(busy ? "facility.pages.busy" : "facility.pages.choose")}
          disabled={busy}
          onFiles={(files) => void take(files)}
        />
      )}
      {fault !== undefined && <FaultCard fault={fault} />}
    </fieldset>
  );
}

/** Which letter it answers: found by its code, chosen from those that were here, or none. */
function Answers({ place }: { place: Place }) {
  const { t } = useWords();
  const { draft } = place;
  const known = [...place.handed, ...place.letters.map(({ row }) => row)].filter((row) => row.kind !== "reply");
  const isOther = draft.re !== "" && draft.re !== "new" && !known.some((row) => row.item === draft.re);
  const scan = (text: string): Answer => {
    const code =
      readCode(text) ??
      known
        .map((row) => ({ id: row.item }))
        .find(({ id }) => id.startsWith(text.trim().toLowerCase().replace(/\s/g, "")));
    if (code === undefined) return { found: false, text: t("facility.re.unreadable") };
    answer(place, code);
    return { found: true, text: t("facility.re.found", { item: called(code.id) }) };
  };
  const choose = (re: string) => {
    const row = known.find((one) => one.item === re);
    place.write({ re, ...(row !== undefined && isNumber(row.detainee) ? { about: showNumber(row.detainee) } : {}) });
  };
  const field = useId();
  return (
    <>
      {/* What was said of the last code is not said of the pages that came after it. */}
      <Finder key={draft.pages.length} label={t("facility.re.scan")} hint={t("facility.re.hint")} onText={scan} />
      <label for={field}>{t("facility.re")}</label>
      <select id={field} value={draft.re} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="" disabled>
          {t("facility.re.choose")}
        </option>
        <option value="new">{t("facility.re.new")}</option>
        {isOther && <option value={draft.re}>{called(draft.re)}</option>}
        {known.map((row) => (
          <option key={row.item} value={row.item}>
            {called(row.item)} · {showNumber(row.detainee)}
          </option>
        ))}
      </select>
    </>
  );
}

/** The number, the language, the words, and for whom they are if they answer nobody. */
function Particulars({ place }: { place: Place }) {
  const words = useWords();
  const { t } = words;
  const { draft } = place;
  const [number, lang, text, address, note] = [useId(), useId(), useId(), useId(), useId()];
  const count = countCharacters(draft.text);
  return (
    <>
      <label for={number}>{t("facility.about")}</label>
      <input
        id={number}
        class="mono"
        inputMode="numeric"
        autocomplete="off"
        value={draft.about}
        onInput={(event) => place.write({ about: event.currentTarget.value })}
        aria-describedby={`${number}-hint`}
      />
      <p class="hint" id={`${number}-hint`}>
        {t("facility.about.hint")}
      </p>
      {draft.re === "new" && (
        <>
          <label for={address}>{t("facility.address")}</label>
          <textarea
            id={address}
            rows={3}
            value={draft.address}
            onInput={(event) => place.write({ address: event.currentTarget.value })}
            aria-describedby={`${address}-hint`}
          />
          <p class="hint" id={`${address}-hint`}>
            {t("facility.address.hint")}
          </p>
        </>
      )}
      <label for={text}>{t("facility.text")}</label>
      <textarea
        id={text}
        rows={8}
        lang={draft.lang === "und" ? undefined : draft.lang}
        value={draft.text}
        onInput={(event) => place.write({ text: event.currentTarget.value })}
        aria-describedby={`${text}-hint`}
      />
      <p class="hint" id={`${text}-hint`}>
        {t("facility.text.hint")} {t("facility.text.count", { used: count, most: MAX_TEXT_CHARACTERS })}
      </p>
      <label for={lang}>{t("facility.lang")}</label>
      <select id={lang} value={draft.lang} onChange={(event) => place.write({ lang: event.currentTarget.value })}>
        <option value="und">{t("facility.lang.unknown")}</option>
        {LANGUAGES.map((one) => (
          <option key={one} value={one}>
            {words.language(one)}
          </option>
        ))}
      </select>
      <label for={note}>{t("facility.tell")}</label>
      <textarea
        id={note}
        rows={2}
        value={draft.note}
        onInput={(event) => place.write({ note: event.currentTarget.value })}
      />
    </>
  );
}

function answer(place: Place, { id, number }: ReadCode): void {
  const row = [...place.handed, ...place.letters.map((letter) => letter.row)].find((one) => one.item === id);
  const about = number ?? (row !== undefined && isNumber(row.detainee) ? row.detainee : undefined);
  place.write({ re: id, ...(about === undefined ? {} : { about: showNumber(about) }) });
}
