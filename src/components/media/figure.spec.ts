import { describe, expect, it } from 'vitest';

import { escapeText, safeFigure } from './figure';

describe('a figure of a run', () => {
  it('keeps line breaks and emphasis, and no other markup', () => {
    expect(escapeText('loss<br><b>best</b> <a href="javascript:x">a</a>')).toBe(
      'loss<br><b>best</b> &lt;a href="javascript:x"&gt;a&lt;/a&gt;'
    );
    expect(escapeText('a & b &lt;i> <img src=x onerror=y>')).toBe(
      'a &amp; b <i> &lt;img src=x onerror=y&gt;'
    );
    expect(escapeText('<span style="x">s</span>')).not.toContain('<');
  });

  it('fetches nothing from elsewhere and reaches no prototype', () => {
    const hostile: unknown = JSON.parse(`{
      "data": [
        {"type": "scattergl", "x": [1, 2], "name": "<img src=x>", "__proto__": {"bad": 1}},
        {"type": "scattergeo"},
        {"type": "image", "source": "https://example.com/p.png"}
      ],
      "layout": {
        "images": [{"source": "https://example.com/p.png"}], "mapbox2": {"style": "https://x"},
        "title": {"text": "<script>"}, "template": {"layout": {"images": [], "font": {"size": 9}}}
      },
      "config": {"plotlyServerURL": "https://x"}
    }`);
    const figure = safeFigure(hostile);
    expect(figure?.data).toEqual([
      { type: 'scatter', x: [1, 2], name: '&lt;img src=x&gt;' }
    ]);
    expect(figure?.left).toEqual(['scattergeo', 'image']);
    expect(figure?.layout).toEqual({
      title: { text: '&lt;script&gt;' },
      template: { layout: { font: { size: 9 } } }
    });
  });

  it('says of anything else that it is no figure', () => {
    expect([null, 1, [], {}, { data: 'x' }].map(safeFigure)).toEqual(
      Array(5).fill(null)
    );
  });
});
