'use strict';
// What the pages' scripts share: plots in the colours of the page's scheme.
const plots = (() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const drawn = [];
  // Where nothing hovers the buttons would lie on the plot for good.
  const config = { responsive: true, displaylogo: false, displayModeBar: matchMedia('(hover: hover)').matches ? 'hover' : false, modeBarButtonsToRemove: ['select2d', 'lasso2d'] };
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Plotly takes text for markup: a name stays as it is written.
  const text = name => name.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const axis = more => ({ gridcolor: css('--line'), linecolor: css('--line'), zeroline: false, automargin: true, ...more });
  const layout = more => ({
    font: { color: css('--text'), family: 'system-ui, -apple-system, "Segoe UI", sans-serif', size: 12 }, paper_bgcolor: 'transparent', plot_bgcolor: 'transparent',
    margin: { l: 48, r: 12, t: 8, b: 36 }, showlegend: false, modebar: { bgcolor: 'transparent', color: css('--muted'), activecolor: css('--text') }, hoverlabel: { bgcolor: css('--back'), font: { color: css('--text') }, namelength: -1 }, ...more,
  });

  function chart(id, build) {
    const element = typeof id === 'string' ? document.getElementById(id) : id;
    const draw = () => { const { traces, ...rest } = build(); return Plotly.react(element, traces, layout(rest), config); };
    draw();
    drawn.push(draw);
    return element;
  }

  // Zooming one along its x axis zooms all.
  function follow(elements) {
    let following = false;
    for (const element of elements) {
      element.on('plotly_relayout', async change => {
        if (following || !Object.keys(change).some(k => k.startsWith('xaxis.')))
          return;
        following = true;
        const range = [...element.layout.xaxis.range];
        await Promise.all(elements.filter(other => other !== element).map(other => Plotly.relayout(other, { 'xaxis.range': [...range], 'xaxis.autorange': false })));
        following = false;
      });
    }
  }

  // Colours that are drawn do not follow a change of the scheme by themselves.
  dark.addEventListener('change', () => drawn.forEach(draw => draw()));
  return { css, text, axis, chart, follow, dark: () => dark.matches };
})();
