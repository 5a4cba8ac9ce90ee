/** What stands above everything: the airmail stripe, the demo's warning, the languages. */

import { LANGUAGE_NAMES, LANGUAGES, type Lang } from "../words";
import { useWords } from "./context";

/** The stripe of an airmail envelope, and under it the demo's warning. */
export function Stripe({ demo }: { demo: boolean }) {
  const { t } = useWords();
  return (
    <>
      <div class="airmail" />
      {demo && <aside class="demo">{t("demo.banner")}</aside>}
    </>
  );
}

/** The languages, each in its own words. */
export function LanguageChoice({ lang, onChoose }: { lang: Lang; onChoose: (lang: Lang) => void }) {
  const { t } = useWords();
  return (
    <fieldset class="languages">
      <legend class="hidden">{t("language.choose")}</legend>
      {LANGUAGES.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === lang} onClick={() => onChoose(one)}>
          {LANGUAGE_NAMES[one]}
        </button>
      ))}
    </fieldset>
  );
}
