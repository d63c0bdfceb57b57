/**
 * Where the things of a lineage graph stand: causes left, effects right, one column a step.
 *
 * Pure. The order inside a column is that of the neighbours' middle, twice forth and back: few
 * crossings at a cost that is linear in the edges. Far vertices are left out above a limit.
 */
import type { Schemas } from '../../api/types';

export type LineageVertex = Schemas['LineageVertex'];
export type LineageEdge = Schemas['LineageEdge'];
export type LineageReply = Schemas['LineageReply'];

export const NODE_WIDTH = 190;
export const NODE_HEIGHT = 44;
const GAP_X = 70;
const GAP_Y = 16;
const PADDING = 16;

/** A vertex at its place, in pixels. */
export interface IPlaced {
  readonly vertex: LineageVertex;
  readonly x: number;
  readonly y: number;
}

/** What is drawn. */
export interface ILineageLayout {
  /** By column, then from top to bottom. */
  readonly nodes: readonly IPlaced[];
  /** SVG paths. */
  readonly edges: readonly { readonly key: string; readonly path: string }[];
  readonly width: number;
  readonly height: number;
  /** Vertices that are left out because there are too many. */
  readonly left: number;
}

function columnsOf(vertices: readonly LineageVertex[]): LineageVertex[][] {
  const levels = new Map<number, LineageVertex[]>();
  for (const vertex of vertices) {
    levels.set(vertex.level, [...(levels.get(vertex.level) ?? []), vertex]);
  }
  return [...levels.entries()].sort(([a], [b]) => a - b).map(([, all]) => all);
}

/** Names of those that an edge joins, both ways. */
export function neighboursOf(
  edges: readonly LineageEdge[]
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (from: string, to: string): void => {
    const known = found.get(from);
    if (known) {
      known.push(to);
    } else {
      found.set(from, [to]);
    }
  };
  edges.forEach(({ source, dest }) => {
    add(source, dest);
    add(dest, source);
  });
  return found;
}

/** Order each column by the middle of its neighbours' places. */
function untangle(
  columns: LineageVertex[][],
  neighbours: ReadonlyMap<string, readonly string[]>
): void {
  const place = new Map<string, number>();
  const number = (column: readonly LineageVertex[]): void =>
    column.forEach((vertex, i) =>
      place.set(vertex.arn, (i + 0.5) / column.length)
    );
  columns.forEach(number);
  const weigh = (vertex: LineageVertex): number => {
    const at = (neighbours.get(vertex.arn) ?? [])
      .map(arn => place.get(arn))
      .filter((one): one is number => one !== undefined);
    return at.length === 0
      ? (place.get(vertex.arn) ?? 0)
      : at.reduce((sum, one) => sum + one, 0) / at.length;
  };
  const pass = (order: LineageVertex[][]): void =>
    order.forEach(column => {
      const weights = new Map(column.map(one => [one.arn, weigh(one)]));
      column.sort(
        (a, b) => (weights.get(a.arn) ?? 0) - (weights.get(b.arn) ?? 0)
      );
      number(column);
    });
  for (let i = 0; i < 2; i++) {
    pass(columns);
    pass([...columns].reverse());
  }
}

function pathOf(from: IPlaced, to: IPlaced): string {
  const forward = to.x > from.x;
  const x1 = forward ? from.x + NODE_WIDTH : from.x + NODE_WIDTH / 2;
  const x2 = forward ? to.x : to.x + NODE_WIDTH / 2;
  const y1 = forward ? from.y + NODE_HEIGHT / 2 : from.y + NODE_HEIGHT;
  const y2 = forward ? to.y + NODE_HEIGHT / 2 : to.y + NODE_HEIGHT;
  if (!forward) {
    // Back or within a column: around below.
    const low = Math.max(y1, y2) + GAP_Y;
    return `M${x1},${y1} C${x1},${low} ${x2},${low} ${x2},${y2}`;
  }
  const middle = (x1 + x2) / 2;
  return `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
}

/** Lay a graph out; at most `limit` vertices, those nearest to the start. */
export function layoutLineage(
  reply: Pick<LineageReply, 'vertices' | 'edges'>,
  limit = 400
): ILineageLayout {
  const near = [...reply.vertices].sort(
    (a, b) => Math.abs(a.level) - Math.abs(b.level)
  );
  const columns = columnsOf(near.slice(0, limit));
  untangle(columns, neighboursOf(reply.edges));
  const tallest = Math.max(1, ...columns.map(column => column.length));
  const step = NODE_HEIGHT + GAP_Y;
  const placed = new Map<string, IPlaced>();
  columns.forEach((column, i) => {
    const top = ((tallest - column.length) * step) / 2;
    column.forEach((vertex, j) =>
      placed.set(vertex.arn, {
        vertex,
        x: PADDING + i * (NODE_WIDTH + GAP_X),
        y: PADDING + top + j * step
      })
    );
  });
  const edges = reply.edges.flatMap(({ source, dest, type }) => {
    const [from, to] = [placed.get(source), placed.get(dest)];
    return from && to
      ? [{ key: `${source} ${dest} ${type}`, path: pathOf(from, to) }]
      : [];
  });
  return {
    nodes: [...placed.values()],
    edges,
    width:
      2 * PADDING + Math.max(1, columns.length) * (NODE_WIDTH + GAP_X) - GAP_X,
    height: 2 * PADDING + tallest * step - GAP_Y,
    left: Math.max(0, reply.vertices.length - limit)
  };
}

/** Where an arrow key goes: the nearest vertex of the next column, or the next of this one. */
export function neighbourAt(
  nodes: readonly IPlaced[],
  current: string,
  key: string
): string | null {
  const here = nodes.find(node => node.vertex.arn === current);
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1;
  if (!here || !/^Arrow(Left|Right|Up|Down)$/.test(key)) {
    return null;
  }
  const across = key === 'ArrowLeft' || key === 'ArrowRight';
  const ahead = nodes.filter(node =>
    across
      ? (node.x - here.x) * sign > 0
      : node.x === here.x && (node.y - here.y) * sign > 0
  );
  const distance = (node: IPlaced): number =>
    Math.abs(node.x - here.x) * 1000 + Math.abs(node.y - here.y);
  ahead.sort((a, b) => distance(a) - distance(b));
  return ahead[0]?.vertex.arn ?? null;
}
