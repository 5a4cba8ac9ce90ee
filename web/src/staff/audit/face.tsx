/** This face is still to be built. */

import { useWords } from "../frame/context";

/** A place holder. */
export default function Face() {
  const { t } = useWords();
  return <p class="soft">{t("face.coming")}</p>;
}
