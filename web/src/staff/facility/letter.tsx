/** A letter as its addressee gets it: the words, black bars where a reviewer blocked some out, and the pictures. */

import { BLOCK } from "../../core/manifests";
import { useWords } from "../frame/context";
import { BlobImage } from "./acting";
import type { OpenedItem } from "./opening";

/** A run of a text: words, or as many characters as were blocked out. */
export interface Run {
  readonly text: string;
  readonly blocked: boolean;
}

/** Divide a text into words and bars. */
export function barsIn(text: string): Run[] {
  const runs = text.match(new RegExp(`${BLOCK}+|[^${BLOCK}]+`, "gu")) ?? [];
  return runs.map((run) => ({ text: run, blocked: run.startsWith(BLOCK) }));
}

/** The letter's words, in its own language. */
export function LetterText({ item }: { item: OpenedItem }) {
  const { t } = useWords();
  const { text, lang } = item.letter.manifest;
  return (
    <div class="given-words" lang={lang === "und" ? undefined : lang}>
      {barsIn(text).map((run, at) =>
        run.blocked ? (
          <span key={at} class="bar-out" role="img" aria-label={t("facility.blocked", { count: run.text.length })}>
            {run.text}
          </span>
        ) : (
          run.text
        ),
      )}
    </div>
  );
}

/** Words and pictures. */
export function LetterBody({ item }: { item: OpenedItem }) {
  return (
    <>
      <LetterText item={item} />
      <Pictures item={item} />
    </>
  );
}

/** The pictures; where one was left out, that is said. */
export function Pictures({ item }: { item: OpenedItem }) {
  const { t } = useWords();
  return (
    <>
      {item.pictures.map(({ part, blob }) => (
        <figure key={part}>
          {blob && <BlobImage blob={blob} alt={t("facility.picture", { part })} />}
          <figcaption>{t(blob ? "facility.picture" : "facility.picture.out", { part })}</figcaption>
        </figure>
      ))}
    </>
  );
}
