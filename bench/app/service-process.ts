import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { WrongResult } from '../harness/verify.js';

/** The service, in its own process, and connections to it that are kept. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** @param module beside service.ts, that exports `variants` */
  static async start(url: string, module: string, kind: string): Promise<ServiceProcess> {
    const file = fileURLToPath(new URL('service.js', import.meta.url));
    const child = fork(file, [url, `${module}.js`, kind]);
    const { port } = await told(child);
    return new ServiceProcess(child, Number(port));
  }

  /** How many queries it has sent to read orders. */
  async queries(): Promise<number> {
    const answer = told(this.#child);
    this.#child.send('how many?');
    return Number((await answer).queries);
  }

  /** @throws WrongResult unless the answer is 200 */
  call(method: 'GET' | 'POST', id: number): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const options = {
        port: this.#port,
        host: '127.0.0.1',
        method,
        path: `/orders/${id}`,
        agent: this.#agent,
      };
      request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new WrongResult(`${method} of order ${id}: ${response.statusCode} ${text}`));
        });
      })
        .on('error', reject)
        .end();
    });
  }

  end(): void {
    this.#agent.destroy();
    this.#child.kill();
  }
}

async function told(child: ChildProcess): Promise<Record<string, unknown>> {
  const abandon = new AbortController();
  const { signal } = abandon;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([answer]) => answer),
      once(child, 'exit', { signal }).then(() => {
        throw new WrongResult('The process of the service has ended');
      }),
    ]);
  } finally {
    abandon.abort();
  }
}
