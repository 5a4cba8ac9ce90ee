/** The whole of the staff pages: the language, then a way in, then the faces of whoever came in. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { Gate } from "../gate";
import type { StaffSession } from "../session";
import { firstLanguage, keepLanguage, type Lang, Words } from "../words";
import { FrameContext, type Surroundings } from "./context";
import { FaultCard } from "./faults";
import { Keyboard } from "./keyboard";
import { NoticeCorner, Notices } from "./notices";
import { SignIn } from "./signin";
import { LanguageChoice, Stripe } from "./stripe";
import { Workplace } from "./workplace";

/** Everything; state that has to outlive a change of language stands here. */
export function App() {
  const [lang, setLang] = useState<Lang>(firstLanguage);
  const [session, setSession] = useState<StaffSession>();
  const lasting = useMemo(() => ({ notices: new Notices(), keyboard: new Keyboard() }), []);
  const around: Surroundings = useMemo(() => ({ ...lasting, words: new Words(lang) }), [lang, lasting]);
  const gate = useGate();
  useEffect(() => {
    document.documentElement.lang = lang;
    document.title = around.words.t("page.title");
  }, [lang, around]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => lasting.keyboard.press(event);
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [lasting]);
  const choose = (chosen: Lang) => {
    keepLanguage(chosen);
    setLang(chosen);
  };
  return (
    <FrameContext.Provider value={around}>
      <Stripe demo={gate.gate?.site.demo ?? false} />
      {session === undefined ? (
        <div class="outside">
          <header>
            <LanguageChoice lang={lang} onChoose={choose} />
          </header>
          {gate.fault !== undefined && (
            <main class="narrow">
              <h1>{around.words.t("signin.title")}</h1>
              <FaultCard fault={gate.fault}>
                <button type="button" onClick={gate.again}>
                  {around.words.t("gate.again")}
                </button>
              </FaultCard>
            </main>
          )}
          {gate.fault === undefined && gate.gate === undefined && (
            <main class="narrow">
              <p class="soft waiting" role="status">
                {around.words.t("gate.loading")}
              </p>
            </main>
          )}
          {gate.gate !== undefined && <SignIn gate={gate.gate} onSignedIn={setSession} />}
        </div>
      ) : (
        <Workplace session={session} lang={lang} onLanguage={choose} onOut={() => setSession(undefined)} />
      )}
      <NoticeCorner />
    </FrameContext.Provider>
  );
}

/** Ask the site what it is, again after a fault. */
function useGate() {
  const [gate, setGate] = useState<Gate>();
  const [fault, setFault] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setFault(undefined);
    Gate.arrive().then(setGate, setFault);
  }, [turn]);
  return { gate, fault, again: () => setTurn(turn + 1) };
}
