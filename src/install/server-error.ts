import { DatabaseError } from 'pg';

/** The SQLSTATE, where it was the server that refused. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}
