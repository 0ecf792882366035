// How does a person send pictures from this computer? Pick, read, check, send: nothing leaves before "send".
import "./uploader.css";

import { Api, Refused } from "./api";
import type { Delivery } from "./choice";
import { readUploadData, type Unfinished } from "./contract";
import { showDone } from "./done";
import { h, stageIn } from "./dom";
import { review } from "./group";
import { showPick } from "./pick";
import { overlap, Plans } from "./plan";
import type { Picked } from "./protocol";
import { Reader, type Scanned } from "./reader";
import { showReview } from "./review";
import { showScan } from "./scan";
import { showSend } from "./send";
import { Sender } from "./sender";
import { count } from "./words";

function begin(root: HTMLElement, text: string): void {
  const data = readUploadData(text);
  const stage = stageIn(root);
  const api = new Api(data);
  const plans = new Plans(window.localStorage);
  let unfinished: Unfinished[] = [];
  let reader: Reader | null = null;

  function pick(problem = ""): void {
    reader?.stop();
    reader = null;
    showPick(stage, data, unfinished, { take: (picked) => void scan(picked), forget }, problem);
  }

  function forget({ batch }: Unfinished): void {
    plans.forget(batch);
    unfinished = unfinished.filter((each) => each.batch !== batch);
    void api.finish(batch).catch(() => {});
  }

  async function scan(picked: Picked[]): Promise<void> {
    reader = new Reader(() => pick("Something in these files stopped the reading. Please choose again."));
    const progress = showScan(stage, () => pick());
    await judge(reader, await reader.scan(picked, data.largest_file, progress));
  }

  async function judge(from: Reader, scanned: Scanned): Promise<void> {
    if (scanned.found.length === 0) {
      const looked = count(scanned.left.length, "file");
      pick(`We looked at ${looked} and found no medical pictures, PDF or photographs in ${scanned.left.length === 1 ? "it" : "them"}.`);
      return;
    }
    for (const each of unfinished) {
      const plan = plans.find(each.batch);
      if (!plan) continue;
      const { here, open } = overlap(plan, scanned.found);
      if (here > 0) return offerToGoOn(from, scanned, each, here, open);
    }
    await check(from, scanned);
  }

  function offerToGoOn(from: Reader, scanned: Scanned, batch: Unfinished, here: number, open: number): void {
    const missing = open - here;
    stage.show(
      "Step 3 of 4",
      "Go on where it stopped?",
      h("p", { class: "measure sec" }, `You began to send these. ${count(here, "file")} ${here === 1 ? "is" : "are"} still to go.`),
      missing > 0 && h("p", { class: "measure sec" }, `${count(missing, "file")} of that time ${missing === 1 ? "is" : "are"} not among what you chose now.`),
      h(
        "p",
        { class: "row" },
        h("button", { class: "btn", type: "button", onclick: () => void goOn(from, scanned, batch) }, "Go on sending"),
        h("button", { class: "btn line", type: "button", onclick: () => {
          forget(batch);
          void check(from, scanned);
        } }, "Check everything again"),
      ),
    );
  }

  async function goOn(from: Reader, scanned: Scanned, { batch }: Unfinished): Promise<void> {
    const plan = plans.find(batch);
    if (!plan) return check(from, scanned);
    const marks = new Set(plan.bundles.filter((bundle) => !bundle.done).flatMap((bundle) => bundle.files.map(([, size, mark]) => `${mark}|${size}`)));
    const files = scanned.found.filter((file) => marks.has(`${file.mark.slice(0, 20)}|${file.size}`));
    await send(from, scanned, [{ whose: "mine", otherName: null, files }], (sender) => sender.resume(plan, scanned.found));
  }

  async function check(from: Reader, scanned: Scanned): Promise<void> {
    const marks = scanned.found.filter((file) => file.dicom !== null).map((file) => file.mark);
    // An outsider is told nothing of what is stored, so nothing is asked.
    const known = marks.length > 0 && data.outsider === null ? await api.known(marks).catch(() => null) : null;
    const found = review(scanned.found, data.holder);
    showReview(
      stage,
      { review: found, left: scanned.left, known, organization: data.holder === null && data.outsider === null, outsider: data.outsider },
      {
        send: (deliveries, choice, already) => void send(from, scanned, deliveries, (sender) => sender.send(deliveries, choice.titles), already),
        again: (left) => {
          const progress = showScan(stage, () => pick());
          void from.again(left.map((each) => each.index), progress).then((more) => judge(from, more));
        },
        back: () => pick(),
        cover: (index) => from.cover(index),
      },
    );
  }

  async function send(from: Reader, scanned: Scanned, deliveries: Delivery[], run: (sender: Sender) => Promise<void>, already = 0): Promise<void> {
    let drawing = 0;
    const sender = new Sender(api, from, plans, () => {
      if (drawing === 0) drawing = requestAnimationFrame(draw);
    });
    const view = showSend(stage, review(scanned.found, data.holder), deliveries, () => sender);
    function draw(): void {
      drawing = 0;
      if (sender.mood !== "done") view.update();
    }
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    view.update();
    try {
      await run(sender);
      unfinished = [];
      showDone(stage, data, { results: [...sender.results.values()], receipts: sender.receipts, already }, () => pick());
    } catch (error) {
      pick(error instanceof Refused ? error.message : "This could not be sent. Nothing was lost on your computer; please try again.");
    } finally {
      window.removeEventListener("beforeunload", stay);
    }
  }

  pick();
  void api.unfinished().then(
    (found) => {
      unfinished = found.filter(({ batch }) => plans.find(batch) !== null);
      if (unfinished.length > 0 && reader === null) pick();
    },
    () => {},
  );
}

const root = document.getElementById("uploader");
const data = document.getElementById("upload-data");
if (root && data) begin(root, data.textContent ?? "");
