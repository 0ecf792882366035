// How do the chosen files reach the server, whatever happens to the line or the page?
import { Api, Refused } from "./api";
import { largestFile, planBundles, sentOfFiles, USUAL_BUNDLE } from "./bundle";
import type { Delivery } from "./choice";
import type { Declared, Ruling } from "./contract";
import type { Found } from "./found";
import { findAgain, toPlan, type Plan, type Planned, type Plans } from "./plan";
import type { Bundle, Wanted } from "./protocol";
import type { Reader } from "./reader";
import { Carriage, TusError } from "./tus";

const AT_ONCE = 3;
const FIRST_LOOK_MS = 300;
const SLOWEST_LOOK_MS = 4000;
const WAIT_FOR_LINE_MS = 5000;

export interface Result {
  file: Found;
  ruling: Ruling;
  sentence: string;
}

export type Mood = "sending" | "paused" | "waiting" | "signed-out" | "full" | "done";

type WantedFound = Wanted & { found: Found };

interface Task {
  plan: Plan;
  planned: Planned;
  wanted: WantedFound[];
}

/** What the page shows. Numbers of bytes are by the file's index. */
export class Sender {
  mood: Mood = "sending";
  /** The server's words for why it waits, if it said any. */
  why = "";
  readonly sent = new Map<number, number>();
  readonly results = new Map<number, Result>();
  readonly receipts: string[] = [];
  private readonly carriages = new Set<Carriage>();
  private gate: Promise<void> = Promise.resolve();
  private openGate: () => void = () => {};

  constructor(
    private readonly api: Api,
    private readonly reader: Reader,
    private readonly plans: Plans,
    private readonly onChange: () => void,
  ) {
    window.addEventListener("offline", () => this.hold("waiting"));
    window.addEventListener("online", () => this.mood === "waiting" && this.goOn());
  }

  /** Send new deliveries. Throws `Refused` when a batch cannot be opened. */
  async send(deliveries: readonly Delivery[], titles: ReadonlyMap<number, Declared>): Promise<void> {
    const tasks: Task[] = [];
    const batches: string[] = [];
    for (const { whose, otherName, basis, files } of deliveries) {
      const opened = await this.api.open({
        channel: "web",
        attestation: { whose, accurate: true, ...(basis ? { basis } : {}) },
        other_name_choice: otherName,
        expected: { files: files.length, bytes: files.reduce((sum, file) => sum + file.size, 0) },
      });
      batches.push(opened.batch);
      const most = largestFile(opened.max_bundle);
      for (const file of files) if (file.size > most) this.refuse(file, "It is larger than can be sent here.");
      const numbered = files
        .map((found, n): WantedFound => {
          const declared = titles.get(found.index);
          return { n, index: found.index, found, ...(declared ? { declared } : {}) };
        })
        .filter(({ found }) => found.size <= most);
      const bundles = planBundles(numbered.map((each) => ({ ...each, size: each.found.size })), Math.min(USUAL_BUNDLE, opened.max_bundle));
      const plan = toPlan(opened.batch, bundles);
      this.plans.keep(plan);
      bundles.forEach((wanted, at) => tasks.push({ plan, planned: plan.bundles[at] as Planned, wanted }));
    }
    await this.run(tasks, batches);
  }

  /** Go on with a remembered batch, from the same files picked again. */
  async resume(plan: Plan, found: readonly Found[]): Promise<void> {
    const tasks = plan.bundles
      .filter((planned) => !planned.done)
      .map((planned): Task => ({ plan, planned, wanted: findAgain(planned, found).wanted }))
      .filter((task) => task.wanted.length > 0);
    await this.run(tasks, [plan.batch]);
  }

  pause(): void {
    this.hold("paused");
  }

  /** Go on after a pause, a signed-out session or a full store. */
  goOn(): void {
    if (this.mood === "signed-out") {
      void this.api.unfinished().then(() => this.open(), () => {});
    } else {
      this.open();
    }
  }

  private open(): void {
    this.mood = "sending";
    this.why = "";
    this.openGate();
    for (const carriage of this.carriages) carriage.start();
    this.onChange();
  }

  private hold(mood: Mood, why = ""): void {
    if (this.mood === "done" || (this.mood !== "sending" && mood === "waiting")) return;
    if (this.mood === "sending") this.gate = new Promise((open) => (this.openGate = open));
    this.mood = mood;
    this.why = why;
    for (const carriage of this.carriages) void carriage.stop();
    this.onChange();
  }

  private async run(tasks: Task[], batches: readonly string[]): Promise<void> {
    const looking: Promise<void>[] = [];
    const work = async (): Promise<void> => {
      for (let task = tasks.shift(); task; task = tasks.shift()) {
        await this.gate;
        const current = task;
        const url = await this.carry(current);
        if (url !== null) looking.push(this.look(current, url));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await Promise.all(looking);
    for (const batch of batches) {
      const finished = await this.insist(() => this.api.finish(batch));
      if (finished) this.receipts.push(finished.receipt_url);
      this.plans.forget(batch);
    }
    this.mood = "done";
    this.onChange();
  }

  private async carry(task: Task): Promise<string | null> {
    const bundle = await this.reader.bundle(task.wanted.map(({ n, index, declared }) => ({ n, index, ...(declared ? { declared } : {}) })));
    for (const { n, found } of task.wanted) {
      if (!bundle || bundle.lost.includes(n)) this.refuse(found, "It could not be read from your disc any more.");
    }
    if (!bundle || bundle.files.length === 0) return null;
    const byNumber = new Map(task.wanted.map(({ n, found }) => [n, found]));
    const files = bundle.files.map(({ n }) => byNumber.get(n) as Found);
    for (;;) {
      try {
        return await this.carryOnce(task, bundle, files);
      } catch (error) {
        const { problem, sentence } = error instanceof TusError ? error : new TusError("line", "");
        if (problem === "refused") {
          for (const file of files) this.refuse(file, sentence || "The server did not take it.");
          return null;
        }
        if (problem === "line" && navigator.onLine) await this.waitForLine();
        else if (problem === "session") this.hold("signed-out");
        else this.hold(problem === "room" ? "full" : "waiting", sentence);
        await this.gate;
      }
    }
  }

  private async carryOnce({ plan, planned }: Task, bundle: Bundle, files: readonly Found[]): Promise<string> {
    const same = planned.hash === bundle.hash;
    planned.hash = bundle.hash;
    const carriage = new Carriage(bundle, {
      endpoint: this.api.uploads,
      csrf: () => this.api.csrf,
      batch: plan.batch,
      url: same ? planned.url : undefined,
      onUrl: (url) => {
        planned.url = url;
        this.plans.keep(plan);
      },
      onTrouble: () => {
        this.why = "The server does not answer just now. We keep trying; what has arrived is safe.";
        this.onChange();
      },
      onProgress: (sent) => {
        if (this.mood === "sending") this.why = "";
        const sizes = bundle.files.map((file) => file.size);
        sentOfFiles(bundle.headSize, sizes, sent).forEach((part, at) => this.sent.set((files[at] as Found).index, part));
        this.onChange();
      },
    });
    this.carriages.add(carriage);
    try {
      if (this.mood === "sending") carriage.start();
      return await carriage.arrived;
    } finally {
      this.carriages.delete(carriage);
    }
  }

  private async waitForLine(): Promise<void> {
    this.hold("waiting");
    await new Promise((done) => setTimeout(done, WAIT_FOR_LINE_MS));
    if (this.mood === "waiting" && navigator.onLine) this.goOn();
  }

  // Ask what became of each file of a bundle, until the server has looked at all of them.
  private async look({ plan, planned, wanted }: Task, url: string): Promise<void> {
    const byNumber = new Map(wanted.map(({ n, found }) => [n, found]));
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(SLOWEST_LOOK_MS, wait * 1.5)) {
      const verdicts = await this.insist(() => this.api.verdicts(url));
      if (!verdicts) {
        for (const { found } of wanted) this.refuse(found, "We could not learn what became of it. Look in My exams before you send it again.");
        break;
      }
      for (const { n, verdict, sentence } of verdicts.files) {
        const file = byNumber.get(n);
        if (file) this.results.set(file.index, { file, ruling: verdict, sentence });
      }
      this.onChange();
      if (verdicts.state === "done") {
        for (const { found } of wanted) {
          if (!this.results.has(found.index)) this.refuse(found, "It did not arrive whole. Send it again.");
        }
        break;
      }
      await new Promise((done) => setTimeout(done, wait));
    }
    planned.done = true;
    this.plans.keep(plan);
  }

  /** Ask until the server answers; null when it answers that there is nothing. */
  private async insist<T>(ask: () => Promise<T>): Promise<T | null> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const status = error instanceof Refused ? error.status : 0;
        if (status === 404 || status === 409 || status === 410) return null;
        if (status === 401 || status === 403) {
          this.hold("signed-out");
          await this.gate;
        } else {
          await new Promise((done) => setTimeout(done, SLOWEST_LOOK_MS));
        }
      }
    }
  }

  private refuse(file: Found, sentence: string): void {
    this.results.set(file.index, { file, ruling: "refused", sentence });
    this.onChange();
  }
}
