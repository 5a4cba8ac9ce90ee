/** Where somebody who is signed in works: the bar, the face that their role opens, and the lock over it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Face, type FaceProps, facesOf } from "../faces";
import { type StaffSession, shortId } from "../session";
import type { Lang } from "../words";
import { AccountDialog } from "./account";
import { useFrame, useModel, useWords } from "./context";
import { Dialog } from "./dialog";
import { FaultCard } from "./faults";
import { Icon } from "./icons";
import { useIdleLock } from "./idle";
import { KeyMap, useKeys } from "./keyboard";
import { LockDialog } from "./lock";
import { LanguageChoice } from "./stripe";

interface Props {
  readonly session: StaffSession;
  readonly lang: Lang;
  readonly onLanguage: (lang: Lang) => void;
  readonly onOut: () => void;
}

/** The workplace; under the lock everything stays as it was. */
export function Workplace({ session, lang, onLanguage, onOut }: Props) {
  useModel(session);
  const { t } = useWords();
  const faces = facesOf(session.roles);
  const [face, setFace] = useFace(faces);
  const [open, setOpen] = useState<"keys" | "account">();
  const close = () => setOpen(undefined);
  useIdleLock(session);
  useKeys({ "?": { label: t("keys.show"), run: () => setOpen("keys") } });
  const leave = async () => {
    await session.signOut();
    onOut();
  };
  return (
    <div class="workplace">
      <header class="bar">
        <a class="skip" href="#work">
          {t("bar.skip")}
        </a>
        <p class="where">
          <Icon name="letter" /> <strong>{t("bar.title")}</strong>
        </p>
        <nav aria-label={t("bar.faces")}>
          {faces.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-current={one === face ? "page" : undefined}
              onClick={() => setFace(one)}
            >
              {t(`face.${one.id}`)}
            </button>
          ))}
        </nav>
        <div class="tools">
          <LanguageChoice lang={lang} onChoose={onLanguage} />
          <button type="button" class="plain" title={t("keys.show")} onClick={() => setOpen("keys")}>
            <Icon name="keyboard" />
            <span class="hidden">{t("keys.show")}</span>
          </button>
          <button type="button" class="plain" onClick={() => setOpen("account")}>
            <Icon name="person" />
            <span class="mono">{shortId(session.id)}</span>
            <span class="hidden">{t("account.title")}</span>
          </button>
        </div>
      </header>
      <main id="work" tabIndex={-1} inert={session.locked} class={session.locked ? "behind" : ""}>
        {face === undefined ? <NoFace /> : <Loaded key={face.id} face={face} session={session} />}
      </main>
      {open === "keys" && !session.locked && (
        <Dialog title={t("keys.title")} onClose={close} wide>
          <KeyMap />
        </Dialog>
      )}
      {open === "account" && !session.locked && (
        <AccountDialog session={session} lang={lang} onLanguage={onLanguage} onClose={close} onLeave={leave} />
      )}
      {session.locked && <LockDialog session={session} onOut={onOut} />}
    </div>
  );
}

/** The chosen face stands in the address, so that the browser's back button works; nothing else does. */
function useFace(faces: readonly Face[]): [Face | undefined, (face: Face) => void] {
  const named = () => faces.find((face) => `#${face.id}` === location.hash) ?? faces[0];
  const [face, setFace] = useState(named);
  useEffect(() => {
    const follow = () => setFace(named());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  });
  return [
    face,
    (chosen) => {
      location.hash = chosen.id;
      setFace(chosen);
    },
  ];
}

function Loaded({ face, session }: { face: Face; session: StaffSession }) {
  const { t } = useWords();
  const [Shown, setShown] = useState<ComponentType<FaceProps>>();
  const [fault, setFault] = useState<unknown>();
  useEffect(() => {
    face.load().then((module) => setShown(() => module.default), setFault);
  }, [face]);
  if (fault !== undefined) return <FaultCard fault={fault} />;
  if (Shown === undefined) return <p class="soft waiting">{t("gate.loading")}</p>;
  return <Shown session={session} />;
}

/** Somebody whom the directory gives no role that has a face. */
function NoFace() {
  const { words } = useFrame();
  return (
    <section class="card empty">
      <h1>{words.t("noface.title")}</h1>
      <p>{words.t("noface.text")}</p>
    </section>
  );
}
