import { describe, expect, it } from 'vitest';

import { layoutLineage, neighbourAt } from './layout';
import type { LineageEdge, LineageVertex } from './layout';

const vertex = (arn: string, level: number): LineageVertex => ({
  arn,
  kind: 'trial-component',
  name: arn,
  label: arn,
  level,
  status: null,
  media_type: null,
  artifact_uid: null,
  created_at: null
});
const edge = (source: string, dest: string): LineageEdge => ({
  source,
  dest,
  type: 'ContributedTo'
});

describe('a lineage graph', () => {
  it('puts causes left of effects and uncrosses the edges', () => {
    const { nodes, edges } = layoutLineage({
      vertices: [
        vertex('start', 0),
        vertex('a', -1),
        vertex('b', -1),
        vertex('of-b', -2),
        vertex('of-a', -2)
      ],
      edges: [
        edge('a', 'start'),
        edge('b', 'start'),
        edge('of-a', 'a'),
        edge('of-b', 'b'),
        edge('gone', 'a')
      ]
    });
    const at = new Map(nodes.map(node => [node.vertex.arn, node]));
    const x = (arn: string): number => at.get(arn)?.x ?? NaN;
    const y = (arn: string): number => at.get(arn)?.y ?? NaN;
    expect(x('of-a')).toBeLessThan(x('a'));
    expect(x('a')).toBeLessThan(x('start'));
    expect(y('of-a') < y('of-b')).toBe(y('a') < y('b'));
    expect(edges).toHaveLength(4);
  });

  it('draws a cycle and a lone start, and leaves out what is far when there is too much', () => {
    const around = [edge('a', 'b'), edge('b', 'a'), edge('a', 'a')];
    const cycle = { vertices: [vertex('a', 0), vertex('b', 1)], edges: around };
    expect(layoutLineage(cycle).edges).toHaveLength(3);
    expect(
      layoutLineage({ vertices: [vertex('a', 0)], edges: [] }).height
    ).toBe(76);
    expect(layoutLineage({ vertices: [], edges: [] }).nodes).toEqual([]);
    const many = Array.from({ length: 9 }, (_, i) => vertex(`v${i}`, i));
    const cut = layoutLineage({ vertices: many.reverse(), edges: [] }, 4);
    expect(cut.nodes.map(node => node.vertex.level)).toEqual([0, 1, 2, 3]);
    expect(cut.left).toBe(5);
  });

  it('is walked by arrow keys', () => {
    const { nodes } = layoutLineage({
      vertices: [vertex('a', 0), vertex('b', 1), vertex('c', 1)],
      edges: [edge('a', 'b'), edge('a', 'c')]
    });
    const below = nodes.filter(node => node.vertex.level === 1);
    const [upper, lower] = below.map(node => node.vertex.arn);
    expect(['b', 'c']).toContain(neighbourAt(nodes, 'a', 'ArrowRight'));
    expect(neighbourAt(nodes, upper, 'ArrowDown')).toBe(lower);
    expect(neighbourAt(nodes, lower, 'ArrowLeft')).toBe('a');
    expect(neighbourAt(nodes, 'a', 'ArrowLeft')).toBeNull();
    expect(neighbourAt(nodes, 'a', 'x')).toBeNull();
  });
});
