// Which entries are before the user's eyes: on the screen, in a tab that is shown. They are said once, some at a time.

const TOGETHER_MS = 300;
const PART_SHOWN = 0.6; // of an entry, to have been seen

export class Seen {
  #say;
  #seqs = new WeakMap(); // of watched elements
  #shown = new Set(); // elements on the screen that were not said yet
  #isLive = false;
  #timer;
  #observer = new IntersectionObserver((changes) => this.#moved(changes), { threshold: PART_SHOWN });

  constructor(say) {
    this.#say = say;
    document.addEventListener("visibilitychange", () => this.#soon());
  }

  watch(element, seq) {
    this.#seqs.set(element, seq);
    this.#observer.observe(element);
  }

  /** It was seen, here or elsewhere, or it is gone. */
  leave(element) {
    this.#observer.unobserve(element);
    this.#shown.delete(element);
  }

  setLive(isLive) {
    this.#isLive = isLive;
    this.#soon();
  }

  #moved(changes) {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) this.#shown.add(target);
      else this.#shown.delete(target);
    }
    this.#soon();
  }

  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#isLive && !document.hidden && this.#shown.size) {
        this.#say([...this.#shown].map((element) => this.#seqs.get(element)));
      }
    }, TOGETHER_MS);
  }
}
