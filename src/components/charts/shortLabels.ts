/** Names beside each other, told apart in little room. */

/** A shared beginning shorter than this is not worth cutting. */
const PREFIX = 8;

/** Labels without the beginning that all of them share: runs of one sweep differ at the end. */
export function shortLabels(labels: readonly string[]): string[] {
  let shared = labels.length > 1 ? labels[0].length : 0;
  for (const label of labels) {
    let i = 0;
    while (i < shared && label[i] === labels[0][i]) {
      i += 1;
    }
    shared = i;
  }
  const cut = labels[0]?.slice(0, shared).search(/[^-_/. ]*$/) ?? 0;
  return cut < PREFIX ? [...labels] : labels.map(l => `…${l.slice(cut)}`);
}

/** Labels that are told apart: plotly takes things of one name for one thing. */
export function apart(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map(label => {
    let own = label;
    for (let n = 2; taken.has(own); n++) {
      own = `${label} (${n})`;
    }
    taken.add(own);
    return own;
  });
}
