/** The registrar's face: who is held where, opened in this browser; and what has become of somebody, by statement. */

import "../boards/board.css";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Command, Panel } from "../boards/parts";
import type { FaceProps } from "../faces";
import { useModel, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { useKeys } from "../frame/keyboard";
import { ReviewDesk } from "../review/desk";
import { whose } from "../review/rail";
import { type HeldRecord, namesOf, type Register, STATUSES } from "../review/register";
import { searchRegister } from "../review/searching";
import { Place } from "../review/side";
import type { StaffSession } from "../session";
import "./register.css";
import { StandingDialog } from "./standing";

/** How many people are listed before somebody asks for more. */
const SHOWN = 50;

const kept = new WeakMap<StaffSession, ReviewDesk>();

/** The register, for a member of a review desk who keeps it. */
export default function RegisterFace({ session }: FaceProps) {
  const { t } = useWords();
  const own = session.desks("review").find((desk) => session.hasDeskKey(desk.id));
  if (own === undefined) {
    return (
      <section class="card empty">
        <h1>{t("held.nokey")}</h1>
        <p>{t("review.nokey.cure")}</p>
      </section>
    );
  }
  const desk = kept.get(session) ?? new ReviewDesk(session, own.id);
  kept.set(session, desk);
  return <Book desk={desk} />;
}

function Book({ desk }: { desk: ReviewDesk }) {
  useModel(desk);
  const words = useWords();
  const { t } = words;
  const { busy, fault, read } = useReading(desk);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const record = chosen === undefined ? undefined : desk.register?.records.get(chosen);
  useKeys({
    "/": { label: t("match.search"), run: () => field.current?.focus() },
    g: { label: t("held.reload"), run: () => void read() },
  });
  return (
    <div class="board-page held">
      <header class="board-head">
        <div>
          <h1>{t("held.title")}</h1>
          <p>{t("held.lead")}</p>
        </div>
        <button type="button" disabled={busy} onClick={() => void read()}>
          {t(busy ? "held.reading" : "held.reload")} <kbd>G</kbd>
        </button>
      </header>
      {fault !== undefined && <FaultCard fault={fault} />}
      {desk.register !== undefined && (
        <>
          <Counts register={desk.register} />
          <label for={id}>
            {t("match.search")} <kbd>/</kbd>
          </label>
          <input
            id={id}
            ref={field}
            type="search"
            autocomplete="off"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
          <People desk={desk} register={desk.register} search={search} onChoose={setChosen} />
        </>
      )}
      <Panel title={t("held.commands")} lead={t("held.commands.lead")} wide>
        <Command line="letter-relay register import register.csv --place NAME=DESK" />
        <Command line="letter-relay register cards --out cards.html" />
      </Panel>
      {record !== undefined && (
        <StandingDialog key={record.number} desk={desk} record={record} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

/** Read the register on arrival, after the lock, and when asked to. */
function useReading(desk: ReviewDesk) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const { locked } = desk.session;
  const read = async () => {
    setBusy(true);
    setFault(undefined);
    await desk.readRegister().catch(setFault);
    setBusy(false);
  };
  useEffect(() => {
    if (!locked) void read();
  }, [desk, locked]);
  return { busy, fault, read };
}

function Counts({ register }: { register: Register }) {
  const words = useWords();
  const all = [...register.records.values()];
  return (
    <ul class="held-counts">
      {STATUSES.map((status) => (
        <li key={status}>
          <strong>{words.number(all.filter((one) => one.status === status).length)}</strong>{" "}
          {words.t(`status.${status}`)}
        </li>
      ))}
    </ul>
  );
}

interface PeopleProps {
  readonly desk: ReviewDesk;
  readonly register: Register;
  readonly search: string;
  readonly onChoose: (number: string) => void;
}

/** Whoever was searched for, or all by name, some at a time. */
function People({ desk, register, search, onChoose }: PeopleProps) {
  const words = useWords();
  const { t } = words;
  const [most, setMost] = useState(SHOWN);
  const found = search.trim() === "" ? byName(register, words.lang) : searchRegister(register, search, most + 1);
  return (
    <>
      <p role="status" class="hint">
        {search.trim() !== "" && found.length <= most
          ? t("match.found", { count: found.length })
          : t("held.all", { count: register.records.size })}
      </p>
      <ul class="people">
        {found.slice(0, most).map((record) => (
          <li key={record.number}>
            <button type="button" onClick={() => onChoose(record.number)}>
              <PersonLine desk={desk} record={record} />
            </button>
          </li>
        ))}
      </ul>
      {found.length > most && (
        <button type="button" class="plain" onClick={() => setMost(most + SHOWN)}>
          {t("held.more")}
        </button>
      )}
    </>
  );
}

function PersonLine({ desk, record }: { desk: ReviewDesk; record: HeldRecord }) {
  const words = useWords();
  const { t } = words;
  const { birth_date: born } = record.person;
  return (
    <>
      <span class="who">
        <strong>{namesOf(record.person) || t("register.nobody")}</strong>
        <span class="soft small">
          <span class="mono">{whose(record.number, t)}</span>
          {born !== undefined && ` · ${words.day(born)}`}
        </span>
      </span>
      <span class="where">
        <span class={`badge ${record.status === "confirmed" ? "good" : "old"}`}>{t(`status.${record.status}`)}</span>
        <span class="soft small">{record.place === undefined ? "–" : <Place desk={desk} id={record.place} />}</span>
      </span>
    </>
  );
}

const sorted = new WeakMap<Register, readonly HeldRecord[]>();

function byName(register: Register, lang: string): readonly HeldRecord[] {
  const known = sorted.get(register);
  if (known !== undefined) return known;
  const { compare } = new Intl.Collator(lang);
  const all = [...register.records.values()].sort((one, other) => compare(namesOf(one.person), namesOf(other.person)));
  sorted.set(register, all);
  return all;
}
