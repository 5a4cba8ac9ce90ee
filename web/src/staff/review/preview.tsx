/** Exactly what the next reader will get: bars where words were taken out, only the pictures that pass. */

import { showNumber } from "../../core/codes";
import { useWords } from "../frame/context";
import type { Letter } from "./desk";
import { BLOCK, blockedOut } from "./drafts";
import type { OpenedItem } from "./opening";
import { Shown } from "./sheet";

/** The preview of a letter as it would pass now. */
export function Preview({ letter, item }: { letter: Letter; item: OpenedItem }) {
  const { t } = useWords();
  const { manifest } = item.letter;
  const passing = item.pictures.filter(
    ({ part, blob }) => blob && !letter.draft.leftOut.some((one) => one.part === part),
  );
  return (
    <section class="preview">
      <h2>{t(item.row.kind === "reply" ? "preview.family" : "preview.detainee")}</h2>
      <div class="paper">
        <p class="soft mono">{item.row.detainee === "unknown" ? "" : showNumber(item.row.detainee)}</p>
        <div class="letter-text" lang={manifest.lang === "und" ? undefined : manifest.lang}>
          {barred(blockedOut(manifest.text, letter.draft.cuts)).map((piece, at) =>
            piece.startsWith(BLOCK) ? (
              <span
                key={at}
                class="bar-run"
                role="img"
                aria-label={t("preview.blocked", { count: Array.from(piece).length })}
              >
                {piece}
              </span>
            ) : (
              <span key={at}>{piece}</span>
            ),
          )}
        </div>
        {passing.map((picture) => (
          <figure key={picture.part}>
            <Shown picture={picture} />
          </figure>
        ))}
      </div>
    </section>
  );
}

function barred(text: string): string[] {
  return text.match(/\u2588+|[^\u2588]+/gu) ?? [];
}
