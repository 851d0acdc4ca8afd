// A consumer's process: does what the bench's process asks for, and tells what was heard.
import type { Answer, Consumer, ConsumerModule, Request, Wanted } from './consumer.js';
import { Round } from './round.js';

let consumer: Consumer | null = null;
let round: Round | null = null;

process.on('message', (request: Request) => {
  carryOut(request).catch(fail);
});
// The bench is gone, however that came: so are the connections of this process.
process.on('disconnect', () => process.exit());

async function carryOut(request: Request): Promise<void> {
  if (request.do === 'open') {
    const { consumers }: ConsumerModule = await import(new URL(request.module, import.meta.url).href);
    consumer = consumers[request.kind]?.() ?? null;
    if (consumer === null) throw new Error(`${request.module} has no consumer ${request.kind}`);
    await consumer.open(request.options, (id) => round?.heard(id));
  } else if (request.do === 'arm') {
    await arm(request.wanted);
  } else {
    if (round?.wrong) throw new Error(round.wrong);
    await consumer?.close();
    consumer = round = null;
  }
  answer({ did: request.do });
}

async function arm(wanted: Wanted): Promise<void> {
  if (round?.wrong) throw new Error(round.wrong);
  const armed = consumer;
  await armed?.prepare?.(wanted);
  round = new Round(wanted, (hearing) => {
    // Later, so that what follows the last change in the same turn is done.
    setImmediate(() => {
      try {
        armed?.verify?.();
        answer({ did: 'hear', ...hearing });
      } catch (error) {
        fail(error);
      }
    });
  });
}

function fail(error: unknown): void {
  answer({ did: 'fail', message: error instanceof Error ? error.message : String(error) });
}

function answer(message: Answer): void {
  process.send?.(message);
}
