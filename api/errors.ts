/** Where in a user's input something is wrong. Lines and columns count from 1. */
export interface InputLocation {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number | string;
  /** Field path in Kubernetes' notation. */
  readonly path?: string;
}

/** What a user handed in cannot be used. The message says where, what is wrong and what would be right. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly location: InputLocation;

  constructor(message: string, location: InputLocation = {}) {
    super(`${prefix(location)}${message}`);
    this.location = location;
  }
}

function prefix({ file, line, column, path }: InputLocation): string {
  let text = '';
  if (file !== undefined) text += file;
  if (line !== undefined) text += text === '' ? `line ${line}` : `:${line}`;
  if (typeof column === 'number') text += `:${column}`;
  else if (column !== undefined) text += `${text === '' ? '' : ', '}column ${column}`;
  if (path !== undefined) text += `${text === '' ? '' : ': '}${path}`;
  return text === '' ? '' : `${text}: `;
}
