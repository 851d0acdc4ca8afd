/** Lets questions to one connection follow each other: pg is about to refuse one while another is under way. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(ask);
    this.#last = answer.catch(() => {});
    return answer;
  }
}
