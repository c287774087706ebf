'use strict';
(() => {
  const { css, text, axis, chart, follow, dark } = plots;
  const figures = JSON.parse(document.getElementById('data').textContent);
  const color = series => dark() ? series.color.dark : series.color.light;
  const ticks = values => values.length ? { tickvals: values, ticktext: values.map(String) } : {};
  // A logarithm has no 0; all else starts there where nothing else is said.
  const scale = a => a.log ? { type: 'log', dtick: 'D2', ...ticks(a.ticks) } : { rangemode: 'tozero', ...ticks(a.ticks) };
  const ends = (low, high) => low === null && high === null ? {} : { range: [low, high] };

  const style = (figure, series) => figure.stacked
    ? { mode: 'lines', stackgroup: 'all', line: { width: 0, shape: 'hv', color: color(series) }, fillcolor: color(series) }
    : { mode: figure.dots ? 'lines+markers' : 'lines', line: { color: color(series), width: series.dotted ? 1.5 : 2, dash: series.dotted ? 'dot' : 'solid' }, marker: { size: 7 } };

  const elements = figures.map((figure, i) => chart(`figure-${i}`, () => {
    const { bands } = figure;
    return {
      hovermode: 'x unified', showlegend: true, legend: { orientation: 'h', y: -0.24, yanchor: 'top', maxheight: 1 },
      margin: { l: 64, r: 12, t: bands.length ? 22 : 8, b: 36 },
      xaxis: axis({ title: { text: text(figure.x.title), standoff: 6 }, ...scale(figure.x), ...(bands.length ? ends(bands[0].from, bands.at(-1).to) : ends(figure.x.low, figure.x.high)) }),
      yaxis: axis({ title: { text: text(figure.y.title), standoff: 8 }, ...scale(figure.y), ...ends(figure.y.low, figure.y.high) }),
      shapes: bands.filter((_, n) => n % 2 === 0).map(b => ({
        type: 'rect', yref: 'paper', x0: b.from, x1: b.to, y0: 0, y1: 1, fillcolor: css('--muted'), opacity: 0.08, line: { width: 0 }, layer: 'below',
      })),
      annotations: bands.map(b => ({
        text: text(b.name), x: (b.from + b.to) / 2, y: 1, yref: 'paper', yanchor: 'bottom', showarrow: false, font: { size: 11, color: css('--muted') },
      })),
      traces: figure.series.map(s => ({ type: 'scatter', name: text(s.name), x: s.x, y: s.y, hovertemplate: '%{y:.4~g}', ...style(figure, s) })),
    };
  }));
  for (const quantity of new Set(figures.map(f => f.x.title)))
    follow(elements.filter((_, i) => figures[i].x.title === quantity));
})();
