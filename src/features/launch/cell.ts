/** A cell as a job: the magic that stands above it. Pure. */

/** The cell's text with `%%job` above it; null for a cell that has another cell magic, or nothing to run. */
export function asJobCell(source: string, instanceType: string): string | null {
  const text = source.trimStart();
  if (text === '') {
    return null;
  }
  if (/^%%job\b/.test(text)) {
    return text;
  }
  if (text.startsWith('%%')) {
    return null;
  }
  const size =
    instanceType === 'local' || !/^[\w.-]+$/.test(instanceType)
      ? ''
      : ` --instance-type ${instanceType}`;
  return `%%job${size}\n${source}`;
}
