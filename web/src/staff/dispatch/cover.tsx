/** What goes onto a bag and into it: the cover with the bag's code, and the list that is counted on arrival. */

import { showNumber } from "../../core/codes";
import { called, grouped } from "../facility/codes";
import { FocusedHeading } from "../facility/focus";
import "../facility/paper.css";
import { QrCode } from "../facility/qr";
import { useWords } from "../frame/context";
import { Icon, Postmark } from "../frame/icons";
import type { StaffSession } from "../session";
import type { PackedBag } from "./packing";
import { placeName } from "./piles";

interface Props {
  readonly session: StaffSession;
  readonly bag: PackedBag;
  readonly onBack: () => void;
}

/** Look at the cover and the list, and print them. */
export function BagCover({ session, bag, onBack }: Props) {
  const { t } = useWords();
  return (
    <section class="print-run">
      <div class="card screen-only">
        <FocusedHeading>
          {t("dispatch.cover.title")} <span class="mono">{called(bag.bag)}</span>
        </FocusedHeading>
        <p>{t("dispatch.cover.what")}</p>
        <div class="row end">
          <button type="button" onClick={onBack}>
            <Icon name="back" /> {t("facility.back")}
          </button>
          <button type="button" class="main" onClick={() => window.print()}>
            {t("facility.print.go")}
          </button>
        </div>
      </div>
      <div class="a4-run">
        <Cover session={session} bag={bag} />
        <BagList bag={bag} />
      </div>
    </section>
  );
}

function Cover({ session, bag }: Omit<Props, "onBack">) {
  const words = useWords();
  const { t } = words;
  return (
    <article class="a4 a4-cover" aria-label={t("dispatch.cover")}>
      <header>
        <Postmark />
        <div>
          <p class="fine">{t("paper.bag")}</p>
          <p class="big">{called(bag.bag)}</p>
        </div>
        <QrCode text={bag.bag} label={t("paper.bag.code", { bag: called(bag.bag) })} />
      </header>
      <dl class="facts">
        <dt>{t("paper.bag.to")}</dt>
        <dd>{placeName(session, bag.place, t)}</dd>
        <dt>{t("paper.bag.number")}</dt>
        <dd class="mono">{grouped(bag.bag)}</dd>
        <dt>{t("paper.inside")}</dt>
        <dd>{t("facility.items", { count: bag.rows.length })}</dd>
        <dt>{t("paper.bag.packed")}</dt>
        <dd>{words.day(bag.packedAt.slice(0, 10))}</dd>
        <dt>{t("paper.bag.manifest")}</dt>
        <dd class="mono wrap">{grouped(bag.manifest)}</dd>
      </dl>
      <ol class="steps">
        <li>{t("paper.bag.step.scan")}</li>
        <li>{t("paper.bag.step.count")}</li>
        <li>{t("paper.bag.step.sign")}</li>
      </ol>
    </article>
  );
}

function BagList({ bag }: { bag: PackedBag }) {
  const words = useWords();
  const { t } = words;
  return (
    <article class="a4 a4-list a4-bag" aria-label={t("paper.bag.list")}>
      <header>
        <h1>
          {t("paper.bag.list")} <span class="mono">{called(bag.bag)}</span>
        </h1>
      </header>
      <table>
        <thead>
          <tr>
            <th>{t("paper.number")}</th>
            <th>{t("paper.item")}</th>
            <th>{t("paper.person")}</th>
            <th>{t("paper.inside")}</th>
            <th>{t("paper.bag.there")}</th>
          </tr>
        </thead>
        <tbody>
          {bag.rows.map((row, at) => (
            <tr key={row.item}>
              <td>{words.number(at + 1)}</td>
              <td class="mono">{called(row.item)}</td>
              <td class="mono">{showNumber(row.detainee)}</td>
              <td>
                {t(`facility.kind.${row.kind}`)}
                {row.parts.length > 1 && `, ${t("facility.pictures", { count: row.parts.length - 1 })}`}
              </td>
              <td>
                <span class="box">
                  <i />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <span class="sign-line">
          <i />
          {t("paper.bag.released")}
        </span>
        <span class="sign-line">
          <i />
          {t("paper.bag.received")}
        </span>
      </footer>
    </article>
  );
}
