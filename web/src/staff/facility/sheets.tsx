/**
 * The sheets of a print run, for A4: a cover that finds its addressee, the letter, a sheet to answer on, and the list to
 * sign. The cover and the list are for those who hand over; the letter and the sheet to answer on are in the language of
 * the letter, as far as these pages speak it.
 */

import { showNumber } from "../../core/codes";
import { useWords } from "../frame/context";
import { Postmark } from "../frame/icons";
import { shortId } from "../session";
import { LANGUAGES, Words } from "../words";
import { called, grouped, replyCode } from "./codes";
import { LetterText, Pictures } from "./letter";
import "./paper.css";
import type { HeldLetter, Place } from "./place";
import { QrCode } from "./qr";

/** How many lines there are to write on: what an A4 sheet holds under its head. */
const LINES = 22;

/** The sheet on top of a letter: for whom, what is inside, and the code by which it is handed over. */
export function CoverSheet({ place, letter }: { place: Place; letter: HeldLetter }) {
  const words = useWords();
  const { t } = words;
  const { row, opened } = letter;
  const pictures = opened!.pictures.filter(({ blob }) => blob !== undefined).length;
  const { address } = opened!.letter.manifest;
  return (
    <article class="a4 a4-cover" aria-label={t("facility.print.cover")}>
      <header>
        <Postmark />
        <div>
          <p class="fine">{t(row.kind === "reply" ? "paper.from" : "paper.for")}</p>
          <p class="big">{showNumber(row.detainee)}</p>
          {row.kind === "reply" && address !== undefined && <p class="address">{address}</p>}
        </div>
        <QrCode text={row.item} label={t("paper.code", { item: called(row.item) })} />
      </header>
      <dl class="facts">
        <dt>{t("paper.item")}</dt>
        <dd class="mono">{grouped(row.item)}</dd>
        <dt>{t("paper.place")}</dt>
        <dd class="mono">{shortId(place.id)}</dd>
        <dt>{t("paper.inside")}</dt>
        <dd>
          {t(`facility.kind.${row.kind}`)}
          {pictures > 0 && `, ${t("facility.pictures", { count: pictures })}`}
        </dd>
        <dt>{t("paper.accepted")}</dt>
        <dd>{words.day(row.acceptedAt.slice(0, 10))}</dd>
        <dt>{t("paper.arrived")}</dt>
        <dd>{words.day(row.event.day)}</dd>
        <dt>{t("paper.signed")}</dt>
        <dd>{t(`facility.proof.${opened!.authenticity}`)}</dd>
      </dl>
      <ol class="steps">
        <li>{t(row.kind === "reply" ? "paper.step.family" : "paper.step.person")}</li>
        <li>{t("paper.step.sign")}</li>
        <li>{t("paper.step.scan")}</li>
      </ol>
      <p class="boxes">
        <Box text={t("paper.delivered")} /> <Box text={t("paper.refused")} /> <Box text={t("paper.failed")} />
      </p>
    </article>
  );
}

/** The letter itself, and its pictures on sheets of their own. */
export function LetterSheet({ letter }: { letter: HeldLetter }) {
  const { row, opened } = letter;
  const words = useLetterWords(letter);
  return (
    <article class="a4 a4-letter" lang={words.lang}>
      <header>
        <span>{words.t(row.kind === "reply" ? "paper.from" : "paper.for")}</span>{" "}
        <strong class="mono">{showNumber(row.detainee)}</strong>
        <span class="mono id">{called(row.item)}</span>
      </header>
      <LetterText item={opened!} />
      {(opened!.letter.manifest.excised ?? []).length > 0 && <p class="fine">{words.t("paper.bars")}</p>}
      <Pictures item={opened!} />
    </article>
  );
}

/** A sheet to answer on; its code says which letter it answers, and whose words these are. */
export function ReplySheet({ letter }: { letter: HeldLetter }) {
  const { row } = letter;
  const words = useLetterWords(letter);
  return (
    <article class="a4 a4-reply" lang={words.lang}>
      <header>
        <div>
          <h1>{words.t("paper.reply")}</h1>
          <p>{words.t("paper.reply.how")}</p>
          <p class="fine">{words.t("paper.reply.free")}</p>
        </div>
        <div class="coded">
          <QrCode text={replyCode(row.item, row.detainee)} label={words.t("paper.code", { item: called(row.item) })} />
          <p class="mono">{showNumber(row.detainee)}</p>
          <p class="mono">{called(row.item)}</p>
        </div>
      </header>
      <div class="lines" aria-hidden="true">
        {Array.from({ length: LINES }, (_, at) => (
          <i key={at} />
        ))}
      </div>
    </article>
  );
}

/** The list that is signed, and scanned afterwards. */
export function DeliverySheet({ place, letters }: { place: Place; letters: readonly HeldLetter[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <article class="a4 a4-list" aria-label={t("paper.delivery")}>
      <header>
        <h1>{t("paper.delivery")}</h1>
        <p>
          {t("paper.place")} <span class="mono">{shortId(place.id)}</span> ·{" "}
          {words.day(new Date().toISOString().slice(0, 10))} · {t("facility.items", { count: letters.length })}
        </p>
        <p class="fine">{t("paper.delivery.how")}</p>
      </header>
      <table>
        <thead>
          <tr>
            <th>{t("paper.number")}</th>
            <th>{t("paper.item")}</th>
            <th>{t("paper.person")}</th>
            <th class="wide">{t("paper.signature")}</th>
            <th>{t("paper.otherwise")}</th>
          </tr>
        </thead>
        <tbody>
          {letters.map(({ row }, at) => (
            <tr key={row.item}>
              <td>{words.number(at + 1)}</td>
              <td>
                <QrCode text={row.item} label={t("paper.code", { item: called(row.item) })} />
                <span class="mono">{called(row.item)}</span>
              </td>
              <td class="mono">{showNumber(row.detainee)}</td>
              <td />
              <td>
                <Box text={t("paper.refused")} />
                <Box text={t("paper.failed")} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <Line text={t("paper.officer")} />
        <Line text={t("paper.witness", { count: 1 })} />
        <Line text={t("paper.witness", { count: 2 })} />
        <Line text={t("paper.date")} />
      </footer>
    </article>
  );
}

/** The words for whoever reads the letter: in its language, if these pages speak it, or in the page's. */
function useLetterWords(letter: HeldLetter): Words {
  const page = useWords();
  const tag = letter.opened!.letter.manifest.lang.slice(0, 2);
  const lang = LANGUAGES.find((one) => one === tag);
  return lang === undefined || lang === page.lang ? page : new Words(lang);
}

function Box({ text }: { text: string }) {
  return (
    <span class="box">
      <i /> {text}
    </span>
  );
}

function Line({ text }: { text: string }) {
  return (
    <span class="sign-line">
      <i />
      {text}
    </span>
  );
}
