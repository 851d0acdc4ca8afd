/**
 * A parameter of a query of ours, as the server reads it.
 *
 * @throws TypeError for what no query of ours has
 */
export function writeParameter(value: unknown): string | null {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null) return null;
      if (Array.isArray(value)) return `{${value.map(writeElement).join(',')}}`;
      throw new TypeError(`a parameter of a query is a ${typeof value}`);
  }
}

/** An element of an array's literal (PostgreSQL documentation, 8.15.2). */
function writeElement(value: unknown): string {
  const text = writeParameter(value);
  return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
